using System.Diagnostics;
using System.Diagnostics.Metrics;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace KvNorm.Chat;

/// <summary>
/// What one request tells the outside: an activity, the instruments of the meter, a line of the log. docs/observability.md lists them. The
/// activity is our own part of a request; the one that the GenAI conventions call "chat", with its token counts, is the business of
/// UseOpenTelemetry.
/// </summary>
internal sealed class RequestTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "KvNorm";

    /// <summary>The name of the activity.</summary>
    public const string ActivityName = "kvnorm.request";

    private const string ModelTag = "gen_ai.request.model";

    private static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Gauge<int> Cells = Meter.CreateGauge<int>("kvnorm.cache.cells", "{cell}", "Cells in use after a request.");
    private static readonly Gauge<long> Bytes = Meter.CreateGauge<long>(
        "kvnorm.cache.bytes", "By", "Bytes of the cells in use after a request.");

    private static readonly Gauge<int> ParkedConversations = Meter.CreateGauge<int>(
        "kvnorm.parked.conversations", "{conversation}", "Conversations held in host memory outside of the slots, after a request.");

    private static readonly Gauge<long> ParkedBytes = Meter.CreateGauge<long>("kvnorm.parked.bytes", "By", "Bytes that these take.");
    private static readonly Counter<long> Evictions = Meter.CreateCounter<long>("kvnorm.evictions", "{eviction}", "Evictions.");
    private static readonly Counter<long> EvictedRows = Meter.CreateCounter<long>(
        "kvnorm.evicted.rows", "{row}", "Rows evicted: keys and values of one token in one layer and head.");

    private static readonly Counter<long> EvictedBytes = Meter.CreateCounter<long>(
        "kvnorm.evicted.bytes", "By", "Bytes of the cells freed by evictions.");

    private static readonly Counter<long> Recalls = Meter.CreateCounter<long>(
        "kvnorm.recalls", "{passage}", "Passages that were evicted and came back for a message.");

    private static readonly Counter<long> RecalledTokens = Meter.CreateCounter<long>(
        "kvnorm.tokens.recalled", "{token}", "Tokens of these that some layer or head had lost.");

    private static readonly Gauge<long> ArchiveBytes = Meter.CreateGauge<long>(
        "kvnorm.archive.bytes", "By", "Bytes of host memory that the archive of evicted rows takes, after a request.");

    private static readonly Counter<long> InputTokens = Meter.CreateCounter<long>("kvnorm.tokens.input", "{token}", "Tokens of prompts.");
    private static readonly Counter<long> ReusedTokens = Meter.CreateCounter<long>(
        "kvnorm.tokens.reused", "{token}", "Tokens of prompts that the cache held, so that they were not prefilled again.");

    private static readonly Counter<long> OutputTokens = Meter.CreateCounter<long>("kvnorm.tokens.output", "{token}", "Tokens of answers.");
    private static readonly Histogram<double> Preparation = Meter.CreateHistogram<double>(
        "kvnorm.preparation.duration", "s", "Rendering and tokenising a prompt and compiling its grammar, beside the decode thread.");

    private static readonly Histogram<double> Queue = Meter.CreateHistogram<double>("kvnorm.queue.duration", "s", "Waiting for a slot.");
    private static readonly Histogram<double> Prefill = Meter.CreateHistogram<double>(
        "kvnorm.prefill.duration", "s", "Prefill of a prompt, evictions included.");

    private static readonly Histogram<double> Decode = Meter.CreateHistogram<double>(
        "kvnorm.decode.duration", "s", "Decoding of an answer, evictions included.");

    private static readonly Histogram<double> Eviction = Meter.CreateHistogram<double>(
        "kvnorm.eviction.duration", "s", "Evictions of a request together; requests without one are not recorded.");

    private readonly Activity? _activity;
    private readonly ILogger _logger;
    private readonly string _model;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly bool _recordsText;
    private readonly long _begun = Stopwatch.GetTimestamp();
    private TimeSpan _queued;
    private bool _isTold; // how it ended

    /// <summary>A request begins, with its preparation.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="logger">Gets a line when the request ends.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="recordsText">Whether the activity and the log may hold the text of messages.</param>
    public RequestTelemetry(string model, ILogger logger, ChatRequest request, bool recordsText)
    {
        (_model, _logger, _recordsText) = (model, logger, recordsText);
        _tag = new KeyValuePair<string, object?>(ModelTag, model);
        _activity = Activities.StartActivity(ActivityName, ActivityKind.Internal)?.SetTag(ModelTag, model);
        if (recordsText && request.Messages.Count > 0)
            _activity?.SetTag("kvnorm.last_message", request.Messages[^1].Text);
    }

    /// <summary>The request is prepared, and waits for a slot.</summary>
    public void Prepared()
    {
        TimeSpan taken = Stopwatch.GetElapsedTime(_begun);
        Preparation.Record(taken.TotalSeconds, _tag);
        _activity?.SetTag("kvnorm.preparation_ms", taken.TotalMilliseconds);
    }

    /// <summary>The request had to wait so long for a slot; null when it got none.</summary>
    public void Begin(TimeSpan? queued)
    {
        if (queued is null)
            return;
        _queued = queued.Value;
        Queue.Record(_queued.TotalSeconds, _tag);
        _activity?.SetTag("kvnorm.queue_ms", _queued.TotalMilliseconds);
    }

    /// <summary>The request failed or was cancelled.</summary>
    public void Fail(Exception exception)
    {
        _isTold = true;
        _activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name).SetTag("error.type", exception.GetType().FullName);
        LogMessages.RequestFailed(_logger, _model, exception.GetType().Name);
    }

    /// <summary>The answer is complete.</summary>
    /// <param name="result">What it leaves.</param>
    /// <param name="cache">The cache after it.</param>
    /// <param name="text">The text of the answer.</param>
    public void Finish(AnswerResult result, KvCacheStatistics cache, string text)
    {
        _isTold = true;
        AnswerAccount account = result.Account;
        Measure(account, cache);
        _activity?.SetTag("kvnorm.tokens.input", account.InputTokens)
            .SetTag("kvnorm.tokens.output", account.OutputTokens)
            .SetTag("kvnorm.tokens.reused", account.CachedTokens)
            .SetTag("kvnorm.finish_reason", result.FinishReason.Value)
            .SetTag("kvnorm.prefill_ms", account.Prefill.TotalMilliseconds)
            .SetTag("kvnorm.decode_ms", account.Decode.TotalMilliseconds)
            .SetTag("kvnorm.eviction_ms", account.Eviction.TotalMilliseconds)
            .SetTag("kvnorm.evictions", account.Evictions)
            .SetTag("kvnorm.recalled_tokens", account.Recalled.Tokens)
            .SetTag("kvnorm.cells", cache.Cells);
        Tell(account.Recalled, account.Recall);
        Log(account, cache);
        if (!_recordsText)
            return;
        _activity?.SetTag("kvnorm.answer", text);
        LogMessages.AnswerText(_logger, text);
    }

    /// <summary>The request is over. One that neither finished nor failed was left by whoever read its answer, which cancels it.</summary>
    public void Dispose()
    {
        if (!_isTold)
            Fail(new OperationCanceledException());
        _activity?.Dispose();
    }

    private void Measure(AnswerAccount account, KvCacheStatistics cache)
    {
        Cells.Record(cache.Cells, _tag);
        Bytes.Record(cache.UsedBytes, _tag);
        ParkedConversations.Record(cache.ParkedConversations, _tag);
        ParkedBytes.Record(cache.ParkedBytes, _tag);
        ArchiveBytes.Record(cache.ArchiveBytes, _tag);
        Recalls.Add(account.Recalled.Spans.Length, _tag);
        RecalledTokens.Add(account.Recalled.Tokens, _tag);
        InputTokens.Add(account.InputTokens, _tag);
        ReusedTokens.Add(account.CachedTokens, _tag);
        OutputTokens.Add(account.OutputTokens, _tag);
        Prefill.Record(account.Prefill.TotalSeconds, _tag);
        Decode.Record(account.Decode.TotalSeconds, _tag);
        if (account.Evictions == 0)
            return;
        Evictions.Add(account.Evictions, _tag);
        EvictedRows.Add(account.EvictedRows, _tag);
        EvictedBytes.Add(account.EvictedBytes, _tag);
        Eviction.Record(account.Eviction.TotalSeconds, _tag);
    }

    // By their numbers: the text may be private.
    private void Tell(RecalledSpans recalled, TimeSpan taken)
    {
        if (recalled.Spans.Length == 0)
            return;
        string spans = string.Join(", ", recalled.Spans.Select(static span => $"{span.Start} to {span.End - 1}"));
        _activity?.AddEvent(new ActivityEvent("kvnorm.recall", tags: new ActivityTagsCollection
        {
            ["kvnorm.recalled_spans"] = spans,
            ["kvnorm.recall_ms"] = taken.TotalMilliseconds,
        }));
        LogMessages.Recalled(_logger, _model, recalled.Spans.Length, spans, recalled.Tokens, taken.TotalMilliseconds);
    }

    private void Log(AnswerAccount account, KvCacheStatistics cache)
    {
        LogMessages.RequestAnswered(
            _logger,
            _model,
            account.InputTokens,
            account.CachedTokens,
            account.OutputTokens,
            _queued.TotalMilliseconds,
            account.Prefill.TotalMilliseconds,
            account.Decode.TotalMilliseconds);
        if (account.Evictions > 0)
        {
            LogMessages.RowsEvicted(
                _logger, _model, account.Evictions, account.EvictedRows, account.Eviction.TotalMilliseconds, cache.Cells, cache.Capacity);
        }
    }
}
