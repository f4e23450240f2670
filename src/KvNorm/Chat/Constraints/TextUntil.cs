using System.Globalization;
using System.Text;
using KvNorm.Grammars;

namespace KvNorm.Chat.Constraints;

/// <summary>
/// Rules for text that ends at the first of a mark, or never has it: the automaton of the mark's search, a rule for each state.
/// </summary>
internal static class TextUntil
{
    /// <summary>Adds the rules.</summary>
    /// <returns>The name of the rule of any text up to the mark, and the mark.</returns>
    public static string Define(GrammarBuilder builder, string mark) =>
        builder.Shared("until " + mark, () => Rules(builder, mark, ends: true)[0]);

    /// <summary>Adds the rules.</summary>
    /// <returns>The name of the rule of any text without the mark.</returns>
    public static string DefineWithout(GrammarBuilder builder, string mark) =>
        builder.Shared("without " + mark, () => Rules(builder, mark, ends: false)[0]);

    private static string[] Rules(GrammarBuilder builder, string mark, bool ends)
    {
        string[] names = [.. Enumerable.Range(0, mark.Length).Select(_ => builder.Reserve("until"))];
        char[] letters = [.. mark.Distinct()];
        string others = $"[^{string.Concat(letters.Select(Escaped))}]";
        for (int state = 0; state < mark.Length; state++)
        {
            List<string> ways = [$"{others} {names[0]}"];
            foreach (char letter in letters)
            {
                int next = Next(mark, state, letter);
                if (next < mark.Length)
                    ways.Add($"[{Escaped(letter)}] {names[next]}");
                else if (ends)
                    ways.Add($"[{Escaped(letter)}]");
            }

            builder.Complete(names[state], ends ? string.Join(" | ", ways) : $"({string.Join(" | ", ways)})?");
        }

        return names;
    }

    // How much of the mark the text ends with after a letter.
    private static int Next(string mark, int state, char letter)
    {
        string text = mark[..state] + letter;
        int length = text.Length;
        while (!text.EndsWith(mark[..length], StringComparison.Ordinal))
            length--;
        return length;
    }

    private static string Escaped(char letter) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
}
