using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>What a complete answer leaves.</summary>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Sampled">Its tokens.</param>
/// <param name="Account">What it took.</param>
internal sealed record AnswerResult(ChatFinishReason FinishReason, IReadOnlyList<int> Sampled, AnswerAccount Account);
