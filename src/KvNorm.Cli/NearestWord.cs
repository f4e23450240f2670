namespace KvNorm.Cli;

/// <summary>Which word somebody who mistyped one may have meant.</summary>
internal static class NearestWord
{
    private const int MaximumDistance = 2; // insertions, deletions and replacements

    /// <summary>The nearest of some words; null where none is near.</summary>
    public static string? Of(string word, IEnumerable<string> words)
    {
        (string Word, int Distance)[] near =
        [
            .. words.Select(one => (one, Distance(word, one))).Where(static one => one.Item2 <= MaximumDistance),
        ];
        return near.Length == 0 ? null : near.MinBy(static one => one.Distance).Word;
    }

    // Levenshtein's, row by row.
    private static int Distance(string one, string other)
    {
        int[] before = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 0; i < one.Length; i++)
        {
            int[] row = new int[other.Length + 1];
            row[0] = i + 1;
            for (int j = 0; j < other.Length; j++)
                row[j + 1] = Math.Min(Math.Min(row[j], before[j + 1]) + 1, before[j] + (one[i] == other[j] ? 0 : 1));
            before = row;
        }

        return before[^1];
    }
}
