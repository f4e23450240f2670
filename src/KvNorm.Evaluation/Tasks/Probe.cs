namespace KvNorm.Evaluation.Tasks;

/// <summary>A question about what was read.</summary>
/// <param name="Name">Tells it from the item's other questions.</param>
/// <param name="Question">Its tokens, with the beginning of the answer.</param>
/// <param name="Expected">The right answers; the metric says whether all or one of them is wanted.</param>
/// <param name="RightAnswer">The tokens of the right answer, whose probability is looked at.</param>
/// <param name="MaximumTokens">Tokens that an answer may have.</param>
/// <param name="Age">Tokens between what is asked for and the question; null where that has no meaning.</param>
internal sealed record Probe(
    string Name, int[] Question, IReadOnlyList<string> Expected, int[] RightAnswer, int MaximumTokens, int? Age = null);
