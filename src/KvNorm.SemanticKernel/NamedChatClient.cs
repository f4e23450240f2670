using Microsoft.Extensions.AI;

namespace KvNorm.SemanticKernel;

/// <summary>Gives a client the name by which a kernel chooses it, and says what becomes of requests that name another model.</summary>
/// <param name="inner">The client.</param>
/// <param name="modelId">The name; null for the client's own.</param>
/// <param name="strict">Whether a request for another model is refused.</param>
internal sealed class NamedChatClient(IChatClient inner, string? modelId, bool strict) : DelegatingChatClient(inner)
{
    private readonly ChatClientMetadata _metadata = Name(inner.GetRequiredService<ChatClientMetadata>(), modelId);

    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, WithoutName(options), cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(messages, WithoutName(options), cancellationToken);

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) && serviceKey is null ? _metadata : base.GetService(serviceType, serviceKey);

    private static ChatClientMetadata Name(ChatClientMetadata metadata, string? modelId) =>
        modelId is null ? metadata : new ChatClientMetadata(metadata.ProviderName, metadata.ProviderUri, modelId);

    private ChatOptions? WithoutName(ChatOptions? options)
    {
        if (options?.ModelId is not { } asked)
            return options;
        if (strict && asked.Length > 0 && !asked.Equals(_metadata.DefaultModelId, StringComparison.OrdinalIgnoreCase))
            throw new NotSupportedException(
                $"This service has the model '{_metadata.DefaultModelId}', not '{asked}': leave the model id of the execution settings "
                + "unset, or allow other names by strictModelId: false.");
        ChatOptions unnamed = options.Clone();
        unnamed.ModelId = null;
        return unnamed;
    }
}
