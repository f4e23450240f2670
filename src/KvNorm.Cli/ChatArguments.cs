using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>What a chat begins with.</summary>
/// <param name="Model">The model, its budget and policy.</param>
/// <param name="Sampling">How answers are sampled.</param>
/// <param name="System">The system prompt; empty for none.</param>
/// <param name="Files">What goes with the first message.</param>
internal sealed record ChatArguments(KvNormChatOptions Model, ChatOptions Sampling, string System, IReadOnlyList<AttachedFile> Files);
