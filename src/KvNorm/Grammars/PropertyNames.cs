using System.Text;

namespace KvNorm.Grammars;

/// <summary>Names of properties that are not declared, by a tree of those that are.</summary>
internal static class PropertyNames
{
    private static readonly CharSet Escaped = CharSet.Of("\"\\\b\f\n\r\t");

    /// <summary>The rule of all names but some, quotes included. When those are too long together, of all names.</summary>
    public static string Others(GrammarBuilder builder, IReadOnlyCollection<string> declared)
    {
        if (declared.Count == 0 || !builder.TryDeclare(declared.Sum(static name => name.Length)))
            return JsonRules.String(builder);
        int[][] names = [.. declared.Select(static name => name.EnumerateRunes().Select(static rune => rune.Value).ToArray())];
        return builder.Define("key", $"\"\\\"\" {Branch(builder, names, 0)} \"\\\"\"");
    }

    // What may follow the first characters, which the names all begin with. Characters have one spelling here: an escaped one could spell a
    // declared name in another way.
    private static string Branch(GrammarBuilder builder, int[][] names, int depth)
    {
        List<string> ways = [];
        CharSet next = new([]);
        foreach (IGrouping<int, int[]> branch in names.Where(name => name.Length > depth).GroupBy(name => name[depth]))
        {
            CharSet character = new([(branch.Key, branch.Key)]);
            next = next.Union(character);
            if (!character.Intersect(CharSet.Plain.Union(Escaped)).IsEmpty)
                ways.Add($"{JsonCharacters.OneOf(character)} {Branch(builder, [.. branch], depth + 1)}");
        }

        string escape = builder.Shared("key-escape", static () => JsonCharacters.OneOf(Escaped));
        string letters = builder.Shared("key-letters", () => $"({CharSet.Plain.ToClass()} | {escape})*");
        CharSet escaped = Escaped.Except(next);
        ways.Add($"{CharSet.Plain.Except(next).ToClass()} {letters}");
        if (!escaped.IsEmpty)
            ways.Add($"{(next.Intersect(Escaped).IsEmpty ? escape : JsonCharacters.OneOf(escaped))} {letters}");
        if (names.All(name => name.Length > depth))
            ways.Add("\"\"");
        return builder.Define("key", string.Join(" | ", ways));
    }
}
