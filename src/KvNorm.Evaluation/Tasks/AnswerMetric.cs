namespace KvNorm.Evaluation.Tasks;

/// <summary>How good an answer is.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Score">From an answer and the right ones to 0 to 1.</param>
internal sealed record AnswerMetric(string Name, Func<string, IReadOnlyList<string>, double> Score)
{
    private static readonly char[] WhiteSpace = [' ', '\n', '\t', '\r'];

    /// <summary>
    /// Gets the share of the right answers that stand in the answer as a whole, in any case: 5990070 does not stand in 59900705. With one
    /// right answer it says whether that stands there.
    /// </summary>
    public static AnswerMetric Exact { get; } = new(
        "exact", static (answer, expected) => expected.Average(right => StandsIn(answer, right) ? 1.0 : 0));

    /// <summary>
    /// Gets the share of the right answers that stand in the answer, in any case, also as a part of a longer number or word: RULER's
    /// string_match_all, as kvpress scores it.
    /// </summary>
    public static AnswerMetric StringMatchAll { get; } = new(
        "string_match_all",
        static (answer, expected) =>
            expected.Average(right => answer.Contains(right, StringComparison.OrdinalIgnoreCase) ? 1.0 : 0));

    /// <summary>Gets the share of the right answer's words that the answer shares, as the paper scores its needle.</summary>
    public static AnswerMetric SharedWords { get; } = new(
        "shared_words",
        static (answer, expected) =>
        {
            HashSet<string> said = [.. Words(answer)], right = [.. Words(expected[0])];
            return (double)right.Count(said.Contains) / right.Count;
        });

    /// <summary>Gets the F1 of the words against the best right answer, as LongBench scores questions.</summary>
    public static AnswerMetric F1 { get; } =
        new("f1", static (answer, expected) => expected.Max(right => WordF1(Words(answer), Words(right))));

    /// <summary>Gets the F measure of the longest common subsequence against the best right answer (ROUGE-L, Lin 2004).</summary>
    public static AnswerMetric RougeL { get; } =
        new("rouge_l", static (answer, expected) => expected.Max(right => LongestCommonF1(Words(answer), Words(right))));

    private static bool StandsIn(string answer, string right)
    {
        for (int at = Find(0); at >= 0; at = Find(at + 1))
        {
            int end = at + right.Length;
            bool goesOn = end < answer.Length && char.IsLetterOrDigit(answer[end]) && char.IsLetterOrDigit(right[^1]);
            bool isEnd = at > 0 && char.IsLetterOrDigit(answer[at - 1]) && char.IsLetterOrDigit(right[0]);
            if (!goesOn && !isEnd)
                return true;
        }

        return false;

        int Find(int start) => answer.IndexOf(right, start, StringComparison.OrdinalIgnoreCase);
    }

    // As SQuAD compares: in lower case, without punctuation and articles.
    private static string[] Words(string text) =>
    [
        .. text.ToLowerInvariant().Split(WhiteSpace, StringSplitOptions.RemoveEmptyEntries)
            .Select(static word => string.Concat(word.Where(static c => !char.IsPunctuation(c))))
            .Where(static word => word is not ("" or "a" or "an" or "the")),
    ];

    private static double WordF1(string[] answer, string[] right)
    {
        Dictionary<string, int> left = answer.CountBy(static word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        int common = 0;
        foreach (string word in right)
        {
            if (left.TryGetValue(word, out int count) && count > 0)
            {
                left[word] = count - 1;
                common++;
            }
        }

        return Harmonic(common, answer.Length, right.Length);
    }

    private static double LongestCommonF1(string[] answer, string[] right)
    {
        int[] before = new int[right.Length + 1]; // lengths for the words of the answer so far
        foreach (string word in answer)
        {
            int diagonal = 0;
            for (int i = 1; i <= right.Length; i++)
            {
                int above = before[i];
                before[i] = word == right[i - 1] ? diagonal + 1 : Math.Max(above, before[i - 1]);
                diagonal = above;
            }
        }

        return Harmonic(before[^1], answer.Length, right.Length);
    }

    private static double Harmonic(int common, int answer, int right) => common == 0 ? 0 : 2.0 * common / (answer + right);
}
