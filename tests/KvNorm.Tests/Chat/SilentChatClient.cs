using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat;

/// <summary>A client that only stands for one.</summary>
internal sealed class SilentChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("Nobody should ask.");

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("Nobody should ask.");

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == GetType() ? this : null;

    public void Dispose()
    {
        // Holds nothing.
    }
}
