using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>
/// One answer being written: the prompt is read in parts, then a token is drawn at a time. <see cref="AnswerScheduler"/> drives it, from one thread;
/// the caller reads <see cref="Contents"/> from another. Nothing here waits for the caller.
/// </summary>
internal sealed class Answer : IDisposable
{
    private readonly LlamaVocabulary _vocabulary;
    private readonly ChatModel _chat;
    private readonly ChatRequest _request;
    private readonly Channel<AIContent> _contents = Channel.CreateUnbounded<AIContent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly List<int> _sampled = [];
    private readonly long _created = Stopwatch.GetTimestamp();
    private Prompt? _prompt;
    private bool _inThought;
    private Slot? _cache;
    private KvCacheStatistics? _before;
    private LlamaSampler? _sampler;
    private AnswerReader? _reader;
    private long _begun, _firstDraw, _ended; // timestamps; 0 for not yet
    private bool _isWanted;
    private int _drawn;
    private ExceptionDispatchInfo? _failure; // of the draw
    private int _cached, _read, _staged; // tokens of the prompt that the cache held already, and that it holds now; tokens in the batch

    /// <summary>Creates an answer that nobody works on yet.</summary>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="chat">Writes the prompt and reads the answer.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancelled">Ends it.</param>
    public Answer(LlamaVocabulary vocabulary, ChatModel chat, ChatRequest request, CancellationToken cancelled) =>
        (_vocabulary, _chat, _request, Cancelled) = (vocabulary, chat, request, cancelled);

    /// <summary>Gets what can be shown, as it comes. Ends when the answer does, with the exception that ended it.</summary>
    public ChannelReader<AIContent> Contents => _contents.Reader;

    public CancellationToken Cancelled { get; }

    /// <summary>Gets or sets whether somebody waits for something to show.</summary>
    public bool IsWanted
    {
        get => Volatile.Read(ref _isWanted);
        set => Volatile.Write(ref _isWanted, value);
    }

    /// <summary>Gets why the answer ended; null while it goes on.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>Gets how long the answer waited for a slot; null when it got none.</summary>
    public TimeSpan? Queued => _begun == 0 ? null : Stopwatch.GetElapsedTime(_created, _begun);

    /// <summary>Gets what the answer took, once it has ended.</summary>
    public AnswerAccount? Account { get; private set; }

    /// <summary>Gets the slot it is written in; null while it waits.</summary>
    public Slot? Cache => _cache;

    /// <summary>Gets the tokens of the prompt.</summary>
    public ReadOnlySpan<int> PromptTokens => _prompt!.Tokens;

    /// <summary>Gets the tokens of the prompt and of the answer so far.</summary>
    public int[] Tokens => [.. _prompt!.Tokens, .. _sampled];

    /// <summary>Gets whether the prompt has not been read to its end.</summary>
    public bool IsReading => _read < _prompt!.Tokens.Length;

    /// <summary>Gets whether the next decode reads something of this answer.</summary>
    public bool IsStaged => _staged > 0;

    // The last token drawn is read only when another is wanted after it: its text goes out first, and the last of an answer is not read at all.
    private ReadOnlySpan<int> Pending => IsReading ? _prompt!.Tokens.AsSpan(_read) : CollectionsMarshal.AsSpan(_sampled)[^1..];

    /// <summary>Writes the conversation as tokens.</summary>
    public void Encode()
    {
        if (_prompt is null)
            (_prompt, _inThought) = _chat.Encode(_request, Cancelled);
    }

    /// <summary>Begins in a slot.</summary>
    public void Begin(Slot cache)
    {
        (_cache, _before, _begun) = (cache, cache.Statistics, Stopwatch.GetTimestamp());
        _sampler = _chat.CreateSampler(_request, _inThought);
        _reader = _chat.CreateReader(_request, _inThought);
        cache.Pin(_prompt!.SystemEnd, _prompt.OpenStart, _prompt.OpenEnd);
        _cached = _read = cache.Resume(_prompt.Tokens);
    }

    /// <summary>How many tokens of another prompt the slot will hold once this one has been read as far as they agree; 0 when it has.</summary>
    public int WillHold(ReadOnlySpan<int> prompt)
    {
        int common = Math.Min(PromptTokens.CommonPrefixLength(prompt), prompt.Length - 1);
        return _read < common ? common : 0;
    }

    /// <summary>Puts what must be read next into the batch, at most so many tokens.</summary>
    public void Stage(int most)
    {
        _staged = 0; // in case it throws
        _staged = _cache!.Stage(Pending, most, logits: true);
    }

    /// <summary>The batch was read.</summary>
    /// <returns>Whether a token can be drawn now.</returns>
    public bool Commit()
    {
        bool wasReading = IsReading;
        _cache!.Commit(Pending[.._staged]);
        if (wasReading)
            _read += _staged;
        _staged = 0;
        return !IsReading;
    }

    /// <summary>The batch was not read.</summary>
    public void Rollback()
    {
        _staged = 0;
        _cache!.Rollback();
    }

    /// <summary>Draws a token. Several answers may do this at the same time; <see cref="TakeDrawn"/> tells how it went.</summary>
    public void Draw(LlamaContext context)
    {
        if (_firstDraw == 0)
            _firstDraw = Stopwatch.GetTimestamp();
        try
        {
            _drawn = _sampler!.Sample(context, _cache!.Output);
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>Hands out what the drawn token says.</summary>
    public void TakeDrawn()
    {
        _failure?.Throw();
        int token = _drawn;
        if (_vocabulary.IsEndOfGeneration(token))
        {
            End(ChatFinishReason.Stop);
            return;
        }

        _sampled.Add(token);
        HandOut(_reader!.Push(token));
        if (_reader!.Stopped)
            End(ChatFinishReason.Stop);
        else if (_sampled.Count >= _request.MaxOutputTokens)
            End(ChatFinishReason.Length);
    }

    /// <summary>Nothing more is done; the caller is told.</summary>
    /// <param name="failure">Why, when the answer is not complete.</param>
    public void Complete(Exception? failure = null) => _contents.Writer.TryComplete(failure);

    public void Dispose() => _sampler?.Dispose();

    private void HandOut(IReadOnlyList<AIContent> contents)
    {
        if (contents.Count > 0)
            IsWanted = false; // before the caller can ask for more
        foreach (AIContent content in contents)
            _contents.Writer.TryWrite(content);
    }

    private void End(ChatFinishReason reason)
    {
        HandOut(_reader!.Finish(cut: reason == ChatFinishReason.Length));
        _chat.Remember(_prompt!, _sampled);
        _ended = Stopwatch.GetTimestamp();
        Account = ToAccount();
        FinishReason = _reader!.HasCalls && reason == ChatFinishReason.Stop ? ChatFinishReason.ToolCalls : reason;
    }

    private AnswerAccount ToAccount()
    {
        KvCacheStatistics now = _cache!.Statistics;
        long rows = now.EvictedRows - _before!.EvictedRows;
        return new AnswerAccount
        {
            InputTokens = _prompt!.Tokens.Length,
            CachedTokens = _cached,
            OutputTokens = _sampled.Count,
            ReasoningTokens = _reader!.ReasoningTokens,
            Evictions = now.Evictions - _before.Evictions,
            EvictedRows = rows,
            EvictedBytes = rows / _cache.HeadCount * now.BytesPerCell,
            Prefill = Stopwatch.GetElapsedTime(_begun, _firstDraw),
            Decode = Stopwatch.GetElapsedTime(_firstDraw, _ended),
            Eviction = TimeSpan.FromMilliseconds(now.EvictionMilliseconds - _before.EvictionMilliseconds),
        };
    }
}
