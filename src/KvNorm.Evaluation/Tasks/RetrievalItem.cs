namespace KvNorm.Evaluation.Tasks;

/// <summary>Text, and questions about it.</summary>
/// <param name="Segments">The text in the pieces in which a reader that drops the oldest would drop it.</param>
/// <param name="HeadSegments">The first of them, which such a reader keeps.</param>
/// <param name="PinnedTokens">The system prompt: the first tokens, which every arm but llama.cpp's own keeps.</param>
/// <param name="Probes">The questions.</param>
/// <param name="Depth">Where in the text the answer stands, 0 to 1; null where it stands in several places.</param>
internal sealed record RetrievalItem(
    IReadOnlyList<Segment> Segments, int HeadSegments, int PinnedTokens, IReadOnlyList<Probe> Probes, double? Depth = null)
{
    /// <summary>Gets the tokens of the user's first message, behind those: policies keep it where it is short. 0 where there is none.</summary>
    public int FirstMessageTokens { get; init; }

    /// <summary>Gets the tokens of the text.</summary>
    public int Length => Segments.Sum(static segment => segment.Tokens.Length);

    /// <summary>Gets the most tokens that a question and its answer take.</summary>
    public int ProbeTokens =>
        Probes.Max(static probe => probe.Question.Length + Math.Max(probe.RightAnswer.Length, probe.MaximumTokens));

    /// <summary>Gets all tokens of the text.</summary>
    public int[] Tokens => [.. Segments.SelectMany(static segment => segment.Tokens)];
}
