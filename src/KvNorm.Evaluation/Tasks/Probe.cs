namespace KvNorm.Evaluation.Tasks;

/// <summary>A question about what was read.</summary>
/// <param name="Name">Tells it from the item's other questions.</param>
/// <param name="Question">Its tokens, with the beginning of the answer.</param>
/// <param name="Expected">
/// The right answers, of which the metric says whether all or one is wanted; none where nothing of what was read is needed.
/// </param>
/// <param name="RightAnswer">The tokens of the right answer, whose probability is looked at.</param>
/// <param name="MaximumTokens">Tokens that an answer may have.</param>
/// <param name="Asked">
/// What of the question recalls something: the user's words alone; null where the question cannot be told from the text.
/// </param>
/// <param name="Age">Tokens between what is asked for and the question; null where that has no meaning.</param>
internal sealed record Probe(
    string Name,
    int[] Question,
    IReadOnlyList<string> Expected,
    int[] RightAnswer,
    int MaximumTokens,
    int[]? Asked = null,
    int? Age = null)
{
    /// <summary>Gets the kind of question, where an item has several; null where it has one.</summary>
    public string? Group { get; init; }

    /// <summary>Gets the messages in which the answer stands; none where a text is not read in messages.</summary>
    public IReadOnlyList<Segment> Evidence { get; init; } = [];
}
