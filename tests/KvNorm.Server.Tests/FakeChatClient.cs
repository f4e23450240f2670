using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests;

/// <summary>A chat client that says what a test wants, and tells what it was asked.</summary>
internal sealed class FakeChatClient(Func<int, CancellationToken, Task<ChatResponseUpdate?>> next) : IChatClient
{
    public const string Name = "fake";

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(ChatMessage[] Messages, ChatOptions? Options)> _requests = [];

    /// <summary>Gets what is complete when an answer has ended, however.</summary>
    public Task Ended => _ended.Task;

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

    /// <summary>One that says the same without end.</summary>
    public static FakeChatClient Endless(string text = "a") => new(async (_, cancelled) =>
    {
        await Task.Delay(10, cancelled);
        return new ChatResponseUpdate(ChatRole.Assistant, text);
    });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        lock (_requests)
            _requests.Add(([.. messages], options));
        try
        {
            for (int index = 0; await next(index, cancellationToken) is { } update; index++)
                yield return update;
        }
        finally
        {
            _ended.TrySetResult();
        }
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
