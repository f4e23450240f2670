using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using KvNorm.Chat.Prompts;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>
/// One answer being written in its slot: the prompt is prefilled in parts, then a token is sampled at a time. <see cref="AnswerScheduler"/>
/// drives it, from one thread.
/// </summary>
internal sealed class Answer
{
    private readonly PreparedRequest _request;
    private readonly KvCacheStatistics _before;
    private readonly long _begun;   // timestamp
    private readonly int _cached;   // tokens of the prompt that the cache held already
    private readonly int _question; // where the message being answered begins
    private readonly List<int> _sampled = [];
    private int _prefilled, _staged; // tokens of the prompt that the cache holds; tokens in the batch
    private long _firstSample;      // timestamp; 0 for not yet
    private int _token;             // sampled last
    private RecalledSpans? _recalled; // what the question asked for; null while it was not looked for
    private ExceptionDispatchInfo? _failure; // of the sampling

    /// <summary>Begins an answer, which takes the slot back to what it holds of the prompt.</summary>
    /// <param name="stream">Where it goes.</param>
    /// <param name="slot">Where it is written.</param>
    public Answer(AnswerStream stream, Slot slot)
    {
        (Stream, Slot, _request) = (stream, slot, stream.Request);
        _before = slot.Statistics;
        _begun = Stopwatch.GetTimestamp();
        Prompt prompt = _request.Prompt;
        slot.Pin(prompt.SystemEnd, prompt.FirstMessageEnd, prompt.OpenStart, prompt.OpenEnd);
        _cached = _prefilled = slot.Resume(prompt.Tokens, _request.MaxOutputTokens);
        _question = prompt.QuestionStart(_cached);
        slot.Begin(_question);
        stream.Begin();
    }

    public AnswerStream Stream { get; }

    public Slot Slot { get; }

    /// <summary>Gets whether the prompt is not prefilled to its end.</summary>
    public bool IsPrefilling => _prefilled < _request.Prompt.Tokens.Length;

    /// <summary>Gets whether the next decode holds tokens of this answer.</summary>
    public bool IsStaged => _staged > 0 || Slot.StagesAgain;

    // The last token sampled is decoded only when another is wanted after it: its text goes out first, and the last of an answer is not
    // decoded at all.
    private ReadOnlySpan<int> Pending =>
        IsPrefilling ? _request.Prompt.Tokens.AsSpan(_prefilled) : CollectionsMarshal.AsSpan(_sampled)[^1..];

    /// <summary>
    /// How many tokens of another prompt the slot will hold once this one is prefilled as far as they agree; 0 when it is.
    /// </summary>
    public int WillHold(ReadOnlySpan<int> prompt)
    {
        int common = Math.Min(_request.Prompt.Tokens.AsSpan().CommonPrefixLength(prompt), prompt.Length - 1);
        return _prefilled < common ? common : 0;
    }

    /// <summary>Puts what must be decoded next into the batch.</summary>
    /// <param name="maximum">The maximum of tokens.</param>
    public void Stage(int maximum)
    {
        _staged = 0; // in case it throws
        if (IsPrefilling)
            Stream.Report(new PrefillProgress(_prefilled, _request.Prompt.Tokens.Length));
        _staged = Slot.Stage(Pending, Math.Min(maximum, BeforeQuestion()), logits: true);
    }

    /// <summary>The batch was decoded.</summary>
    /// <returns>Whether a token can be sampled now.</returns>
    public bool Commit()
    {
        bool wasPrefilling = IsPrefilling, isNext = _staged > 0; // else something else was read for the slot
        Slot.Commit(Pending[.._staged]);
        if (wasPrefilling)
            _prefilled += _staged;
        _staged = 0;
        return isNext && !IsPrefilling;
    }

    /// <summary>The batch was not decoded.</summary>
    public void Rollback()
    {
        _staged = 0;
        Slot.Rollback();
    }

    /// <summary>Samples a token. Several answers may do this at the same time; <see cref="Take"/> tells how it went.</summary>
    public void Sample(LlamaContext context)
    {
        if (_firstSample == 0)
            _firstSample = Stopwatch.GetTimestamp();
        try
        {
            _token = _request.Sampler.Sample(context, Slot.Output);
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>Hands out what the sampled token says.</summary>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <returns>What the answer leaves when this was its end; else null.</returns>
    public AnswerResult? Take(LlamaVocabulary vocabulary)
    {
        _failure?.Throw();
        if (vocabulary.IsEndOfGeneration(_token))
            return Finish(ChatFinishReason.Stop);
        _sampled.Add(_token);
        Stream.Write(_request.Reader.Push(_token));
        if (_request.Reader.Stopped)
            return Finish(ChatFinishReason.Stop);
        return _sampled.Count >= _request.MaxOutputTokens ? Finish(ChatFinishReason.Length) : null;
    }

    // The prompt is prefilled up to the question first where that may ask for what is not held. Nothing comes back in mid-answer, where the
    // first eviction may be.
    private int BeforeQuestion()
    {
        Prompt prompt = _request.Prompt;
        int coming = prompt.Tokens.Length - _prefilled;
        if (!IsPrefilling || _recalled is not null || !Slot.MayRecall(coming))
            return int.MaxValue;
        if (_prefilled < _question)
            return _question - _prefilled;
        RecallQuestion question = new(prompt.Question(_question))
        {
            Exchanges = prompt.Exchanges,
            Message = new TokenRange(prompt.OpenStart, prompt.OpenEnd),
            Vector = _request.QuestionVector,
            AnswerTokens = _request.MaxOutputTokens,
        };
        _recalled = Slot.Recall(question, coming);
        return int.MaxValue;
    }

    private AnswerResult Finish(ChatFinishReason reason)
    {
        Stream.Write(_request.Reader.Finish(cut: reason == ChatFinishReason.Length));
        AnswerAccount account = ToAccount();
        Slot.Trace.TokensPerSecond = account.TokensPerSecond;
        bool endsInCalls = _request.Reader.HasCalls && reason == ChatFinishReason.Stop;
        return new AnswerResult(endsInCalls ? ChatFinishReason.ToolCalls : reason, _sampled, account);
    }

    private AnswerAccount ToAccount()
    {
        KvCacheStatistics now = Slot.Statistics;
        long rows = now.EvictedRows - _before.EvictedRows;
        return new AnswerAccount
        {
            InputTokens = _request.Prompt.Tokens.Length,
            CachedTokens = _cached,
            OutputTokens = _sampled.Count,
            ReasoningTokens = _request.Reader.ReasoningTokens,
            Evictions = now.Evictions - _before.Evictions,
            EvictedRows = rows,
            EvictedBytes = rows / Slot.HeadCount * now.BytesPerCell,
            Prefill = Stopwatch.GetElapsedTime(_begun, _firstSample),
            Recalled = _recalled ?? RecalledSpans.None,
            Recall = TimeSpan.FromMilliseconds(now.RecallMilliseconds - _before.RecallMilliseconds),
            Decode = Stopwatch.GetElapsedTime(_firstSample),
            Eviction = TimeSpan.FromMilliseconds(now.EvictionMilliseconds - _before.EvictionMilliseconds),
        };
    }
}
