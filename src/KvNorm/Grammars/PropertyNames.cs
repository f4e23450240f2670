using System.Text;

namespace KvNorm.Grammars;

/// <summary>Names of properties that are not declared, by a tree of those that are.</summary>
internal static class PropertyNames
{
    private const int MostCharacters = 2000; // of the declared names together; every one may become a rule

    private static readonly CharSet Writable = CharSet.Plain.Union(CharSet.Of("\"\\\b\f\n\r\t"));

    /// <summary>The rule of all names but some, quotes included. When those are too long together, of all names.</summary>
    public static string Others(GrammarBuilder builder, string nameHint, IReadOnlyCollection<string> declared)
    {
        if (declared.Count == 0 || declared.Sum(static name => name.Length) > MostCharacters)
            return JsonRules.String(builder);

        // Characters have one spelling here: an escaped one could spell a declared name in another way.
        string letter = builder.Shared("name-char", static () => JsonCharacters.OneOf(Writable));
        int[][] names = [.. declared.Select(static name => name.EnumerateRunes().Select(static rune => rune.Value).ToArray())];
        return builder.Define(nameHint + "-name", $"\"\\\"\" {Branch(builder, nameHint, letter, names, 0)} \"\\\"\"");
    }

    // What may follow the first characters, which the names all begin with.
    private static string Branch(GrammarBuilder builder, string nameHint, string letter, int[][] names, int depth)
    {
        List<string> ways = [];
        IGrouping<int, int[]>[] branches = [.. names.Where(name => name.Length > depth).GroupBy(name => name[depth])];
        foreach (IGrouping<int, int[]> branch in branches)
        {
            CharSet character = new([(branch.Key, branch.Key)]);
            if (!character.Intersect(Writable).IsEmpty)
                ways.Add($"{JsonCharacters.OneOf(character)} {Branch(builder, nameHint, letter, [.. branch], depth + 1)}");
        }

        ways.Add($"{JsonCharacters.OneOf(Writable.Except(new CharSet(branches.Select(static branch => (branch.Key, branch.Key)))))} {letter}*");
        bool isName = names.Any(name => name.Length == depth);
        return builder.Define(nameHint + "-name", string.Join(" | ", ways) + (isName ? "" : " | \"\""));
    }
}
