namespace KvNorm.Evaluation.Tasks;

/// <summary>A piece of an item's text.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="IsEvidence">Whether the answer stands in it.</param>
internal sealed record Segment(int[] Tokens, bool IsEvidence = false);
