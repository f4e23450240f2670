namespace KvNorm.Evaluation.Tasks;

/// <summary>A piece of an item's text.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="IsEvidence">Whether the answer stands in it.</param>
/// <param name="BeginsMessage">Whether it is a message that the model answers, in a conversation.</param>
internal sealed record Segment(int[] Tokens, bool IsEvidence = false, bool BeginsMessage = false);
