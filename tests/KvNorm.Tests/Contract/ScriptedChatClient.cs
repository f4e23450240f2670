using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>
/// A client without a model that keeps the whole contract: one call at a time, cancelled anywhere, with a cache of the last conversation.
/// </summary>
internal sealed class ScriptedChatClient : IChatClient
{
    public const string Provider = "scripted";
    public const string Model = "script-1";

    private const int TokensPerMillisecond = 16; // a long prompt takes long enough to be cancelled in

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _disposal = new();
    private List<string> _held = [];

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposal.IsCancellationRequested, this);
        if (options?.ModelId is { } model && model != Model)
            throw new NotSupportedException($"This is {Model}, not {model}.");
        _ = options?.RawRepresentationFactory?.Invoke(this);
        return AnswerAsync(ScriptedPrompt.Read(messages, options), options, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(ChatClientMetadata))
            return new ChatClientMetadata(Provider, providerUri: null, Model);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose() => _disposal.Cancel();

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        ScriptedPrompt prompt, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await StepAsync(token => _turn.WaitAsync(token), cancellationToken);
        try
        {
            int cached = Math.Min(_held.Zip(prompt.Tokens).TakeWhile(pair => pair.First == pair.Second).Count(), prompt.Tokens.Count - 1);
            for (int read = cached; read < prompt.Tokens.Count; read += TokensPerMillisecond)
                await StepAsync(token => Task.Delay(1, token), cancellationToken);

            ScriptedAnswer answer = ScriptedAnswer.To(prompt, options);
            string id = Guid.NewGuid().ToString("N");
            IEnumerable<AIContent> texts = answer.Chunks(options?.StopSequences ?? []).Select(AIContent (text) => new TextContent(text));
            foreach (AIContent content in texts.Concat(answer.Calls))
            {
                await StepAsync(token => token.IsCancellationRequested ? Task.FromCanceled(token) : Task.CompletedTask, cancellationToken);
                yield return Update(id, content);
            }

            _held = [.. prompt.Tokens, .. answer.Tokens];
            ChatResponseUpdate last = Update(id, new UsageContent(Usage(prompt, answer, cached)));
            last.FinishReason = answer.FinishReason;
            yield return last;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task StepAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        try
        {
            await step(linked.Token);
        }
        catch (OperationCanceledException)
        {
            ObjectDisposedException.ThrowIf(_disposal.IsCancellationRequested, this);
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private static UsageDetails Usage(ScriptedPrompt prompt, ScriptedAnswer answer, int cached) => new()
    {
        InputTokenCount = prompt.Tokens.Count,
        OutputTokenCount = answer.Tokens.Count,
        TotalTokenCount = prompt.Tokens.Count + answer.Tokens.Count,
        CachedInputTokenCount = cached,
    };

    private static ChatResponseUpdate Update(string id, AIContent content) =>
        new(ChatRole.Assistant, [content]) { ResponseId = id, MessageId = id, ModelId = Model, CreatedAt = DateTimeOffset.UtcNow };
}
