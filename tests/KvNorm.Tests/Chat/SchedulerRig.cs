using KvNorm.Chat;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Tests.Chat;

/// <summary>A scheduler over a tiny model, without a client around it.</summary>
internal sealed class SchedulerRig : IDisposable
{
    private readonly LlamaModel _model;
    private readonly ChatModel _chat;

    public SchedulerRig(int slots = 1, int cellsPerSlot = 512, bool unified = false, TinyModelSettings? settings = null)
    {
        _model = TinyModel.Load(settings);
        _chat = new ChatModel(_model, template: null);
        KvCacheBudget budget = KvCacheBudget.FromCells(slots * cellsPerSlot);
        ModelProbe probe = ModelProbe.Run(_model, 1);
        Pool = new SlotPool(_model, probe, budget, EvictionPolicy.Salience, 1, NullLogger.Instance, slots, unified: unified);
        Scheduler = new AnswerScheduler(Pool, TimeProvider.System);
    }

    public SlotPool Pool { get; }

    public AnswerScheduler Scheduler { get; }

    /// <summary>Gets the tokens decoded so far, once the worker has nothing to do or is between two decodes.</summary>
    public Task<long> TokensSeenAsync() => Scheduler.RunAsync(() => Pool.Statistics.TokensSeen);

    public PreparedRequest Prepare(string text, int maximum = 8, string? instructions = null)
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = maximum, Instructions = instructions };
        ChatRequest request = ChatRequest.Create(
            [new ChatMessage(ChatRole.User, text)], options, new KvNormChatOptions(), new SilentChatClient());
        return PreparedRequest.Create(request, _chat, Pool.Plan, CancellationToken.None);
    }

    public AnswerStream Add(string text, int maximum = 8, string? instructions = null, CancellationToken cancelled = default) =>
        Scheduler.Add(Prepare(text, maximum, instructions), conversation: null, cancelled);

    /// <summary>Reads an answer to its end, as a caller does.</summary>
    public async Task<(string Text, AnswerResult Result)> ReadAsync(AnswerStream stream)
    {
        string text = "";
        while (await NextAsync(stream) is { } content)
            text += content.ToString();
        return (text, stream.Result!);
    }

    /// <summary>The next piece of an answer; null at its end.</summary>
    public async Task<AIContent?> NextAsync(AnswerStream stream)
    {
        if (stream.Contents.TryRead(out AIContent? content))
            return content;
        Scheduler.Want(stream);
        return await stream.Contents.WaitToReadAsync() && stream.Contents.TryRead(out content) ? content : null;
    }

    public async Task<string> AnswerAsync(string text, int maximum = 8) => (await ReadAsync(Add(text, maximum))).Text;

    public void Dispose()
    {
        Scheduler.Dispose();
        Pool.Dispose();
        _model.Dispose();
    }
}
