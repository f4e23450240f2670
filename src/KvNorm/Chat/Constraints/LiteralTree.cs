using KvNorm.Grammars;

namespace KvNorm.Chat.Constraints;

/// <summary>
/// Alternatives that begin with texts, as a tree of what these have in common: llama.cpp looks at every alternative that is still possible
/// for every token of the vocabulary, and with hundreds of tools most of what is written is the same for all.
/// </summary>
/// <param name="alternatives">The texts, and what follows each in GBNF.</param>
internal sealed class LiteralTree(IReadOnlyList<(string Text, string After)> alternatives)
{
    /// <summary>The alternatives in GBNF.</summary>
    public string Body(GrammarBuilder builder) =>
        Branch(builder, [.. alternatives.OrderBy(static one => one.Text, StringComparer.Ordinal)], 0);

    // Sorted texts of one beginning stand beside each other.
    private static string Branch(GrammarBuilder builder, ReadOnlySpan<(string Text, string After)> sorted, int from)
    {
        List<string> ways = [];
        while (sorted.Length > 0)
        {
            string text = sorted[0].Text;
            int count = 1;
            while (count < sorted.Length && from < text.Length && Common(text, sorted[count].Text) > from)
                count++;
            int to = count == 1 ? text.Length : Common(text, sorted[count - 1].Text);
            string after = count == 1 ? sorted[0].After : builder.Define("call", Branch(builder, sorted[..count], to));
            ways.Add(to == from ? after : $"{GrammarBuilder.Literal(text[from..to])} {after}");
            sorted = sorted[count..];
        }

        return string.Join(" | ", ways);
    }

    // Pairs of surrogates are one character.
    private static int Common(string left, string right)
    {
        int length = left.AsSpan().CommonPrefixLength(right);
        return length > 0 && char.IsHighSurrogate(left[length - 1]) ? length - 1 : length;
    }
}
