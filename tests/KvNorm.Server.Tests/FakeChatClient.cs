using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests;

/// <summary>A chat client that says what a test wants, and tells what it was asked.</summary>
internal sealed class FakeChatClient(Func<int, CancellationToken, Task<ChatResponseUpdate?>> next) : IChatClient
{
    public const string Name = "fake";

    private readonly List<(ChatMessage[] Messages, ChatOptions? Options)> _requests = [];

    /// <summary>Gets what it was asked, in order.</summary>
    public IReadOnlyList<(ChatMessage[] Messages, ChatOptions? Options)> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <summary>One that says the same contents in answer to every request, then ends.</summary>
    public static FakeChatClient Saying(params AIContent[] contents)
    {
        ChatFinishReason reason = contents.OfType<FunctionCallContent>().Any() ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        return new FakeChatClient((index, _) => Task.FromResult(
            index < contents.Length ? new ChatResponseUpdate(ChatRole.Assistant, [contents[index]])
            : index == contents.Length ? Last(reason)
            : null));
    }

    /// <summary>One that says "a" without end.</summary>
    public static FakeChatClient Endless(Action? onCancelled = null) => new(async (_, cancelled) =>
    {
        try
        {
            await Task.Delay(10, cancelled);
        }
        catch (OperationCanceledException)
        {
            onCancelled?.Invoke();
            throw;
        }

        return new ChatResponseUpdate(ChatRole.Assistant, "a");
    });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        lock (_requests)
            _requests.Add(([.. messages], options));
        for (int index = 0; await next(index, cancellationToken) is { } update; index++)
            yield return update;
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("fake", null, Name) : null;

    public void Dispose()
    {
        // There is nothing to free.
    }

    private static ChatResponseUpdate Last(ChatFinishReason reason)
    {
        UsageDetails usage = new()
        {
            InputTokenCount = 10, OutputTokenCount = 4, TotalTokenCount = 14, CachedInputTokenCount = 7, ReasoningTokenCount = 1,
        };
        return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]) { FinishReason = reason };
    }
}
