using System.Diagnostics;
using KvNorm.KvCache;
using KvNorm.Llama;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>One answer being written: prefill once, then a token at a time. Blocking; the client runs it on the thread pool.</summary>
internal sealed class Answer : IDisposable
{
    private readonly KvCacheManager _cache;
    private readonly LlamaVocabulary _vocabulary;
    private readonly ChatModel _chat;
    private readonly ChatRequest _request;
    private readonly List<int> _sampled = [];
    private readonly KvCacheStatistics _before;
    private Prompt? _prompt;
    private int _cached; // tokens of the prompt that the cache held already
    private LlamaSampler? _sampler;
    private AnswerReader? _reader;
    private TimeSpan _prefill, _decode;

    public Answer(KvCacheManager cache, LlamaVocabulary vocabulary, ChatModel chat, ChatRequest request) =>
        (_cache, _vocabulary, _chat, _request, _before) = (cache, vocabulary, chat, request, cache.Statistics);

    /// <summary>Gets why the answer ended; null while it goes on.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>Writes the conversation as tokens and reads those that the cache does not hold.</summary>
    public void Prefill(CancellationToken cancellationToken)
    {
        (_prompt, bool inThought) = _chat.Encode(_request, cancellationToken);
        _sampler = _chat.CreateSampler(_request, inThought);
        _reader = _chat.CreateReader(_request, inThought);
        long start = Stopwatch.GetTimestamp();
        _cache.Pin(_prompt.SystemEnd, _prompt.OpenStart, _prompt.OpenEnd);
        _cached = _cache.Resume(_prompt.Tokens);
        _cache.Read(_prompt.Tokens.AsSpan(_cached), logits: true, cancellationToken);
        _prefill = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Draws tokens until there is something to show or the answer ends.</summary>
    /// <returns>What to show; may be nothing at the end.</returns>
    public IReadOnlyList<AIContent> Next(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<AIContent> contents = [];
        while (contents.Count == 0 && FinishReason is null)
            contents = Draw(cancellationToken);
        _decode += Stopwatch.GetElapsedTime(start);
        return contents;
    }

    /// <summary>What the answer took.</summary>
    public AnswerAccount Account()
    {
        KvCacheStatistics now = _cache.Statistics;
        long rows = now.EvictedRows - _before.EvictedRows;
        return new AnswerAccount
        {
            InputTokens = _prompt!.Tokens.Length,
            CachedTokens = _cached,
            OutputTokens = _sampled.Count,
            ReasoningTokens = _reader!.ReasoningTokens,
            Evictions = now.Evictions - _before.Evictions,
            EvictedRows = rows,
            EvictedBytes = rows / _cache.HeadCount * now.BytesPerCell,
            Prefill = _prefill,
            Decode = _decode,
            Eviction = TimeSpan.FromMilliseconds(now.EvictionMilliseconds - _before.EvictionMilliseconds),
        };
    }

    public void Dispose() => _sampler?.Dispose();

    // The last token drawn is read only when another is wanted after it: its text goes out first, and the last of an answer is not read at all.
    private IReadOnlyList<AIContent> Draw(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_sampled.Count > 0)
            _cache.Read([_sampled[^1]], logits: true, cancellationToken);
        int token = _sampler!.Sample(_cache.Context);
        if (_vocabulary.IsEndOfGeneration(token))
            return End(ChatFinishReason.Stop, []);
        _sampled.Add(token);
        IReadOnlyList<AIContent> contents = _reader!.Push(token);
        if (_reader!.Stopped)
            return End(ChatFinishReason.Stop, contents);
        return _sampled.Count >= _request.MaxOutputTokens ? End(ChatFinishReason.Length, contents) : contents;
    }

    private IReadOnlyList<AIContent> End(ChatFinishReason reason, IReadOnlyList<AIContent> contents)
    {
        IReadOnlyList<AIContent> rest = _reader!.Finish(cut: reason == ChatFinishReason.Length);
        _chat.Remember(_prompt!, _sampled);
        FinishReason = _reader!.HasCalls && reason == ChatFinishReason.Stop ? ChatFinishReason.ToolCalls : reason;
        return [.. contents, .. rest];
    }
}
