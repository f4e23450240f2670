using System.Diagnostics;
using System.Diagnostics.Metrics;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace KvNorm.Chat;

/// <summary>What one call tells the outside: an activity, the instruments of the meter, a line of the log. docs/observability.md lists them.</summary>
internal sealed class CallTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "KvNorm";

    private static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Gauge<int> Cells = Meter.CreateGauge<int>("kvnorm.cache.cells", "{cell}", "Cells in use after a call.");
    private static readonly Gauge<long> Bytes = Meter.CreateGauge<long>("kvnorm.cache.bytes", "By", "Bytes of the cells in use after a call.");
    private static readonly Gauge<int> ParkedConversations = Meter.CreateGauge<int>("kvnorm.parked.conversations", "{conversation}", "Conversations held in host memory outside of the slots, after a call.");
    private static readonly Gauge<long> ParkedBytes = Meter.CreateGauge<long>("kvnorm.parked.bytes", "By", "Bytes that these take.");
    private static readonly Counter<long> Evictions = Meter.CreateCounter<long>("kvnorm.evictions", "{eviction}", "Evictions.");
    private static readonly Counter<long> EvictedRows = Meter.CreateCounter<long>("kvnorm.evicted.rows", "{row}", "Rows evicted: keys and values of one token in one layer and head.");
    private static readonly Counter<long> EvictedBytes = Meter.CreateCounter<long>("kvnorm.evicted.bytes", "By", "Bytes of the cells freed by evictions.");
    private static readonly Counter<long> InputTokens = Meter.CreateCounter<long>("kvnorm.tokens.input", "{token}", "Tokens of prompts.");
    private static readonly Counter<long> ReusedTokens = Meter.CreateCounter<long>("kvnorm.tokens.reused", "{token}", "Tokens of prompts that were not read again.");
    private static readonly Counter<long> OutputTokens = Meter.CreateCounter<long>("kvnorm.tokens.output", "{token}", "Tokens of answers.");
    private static readonly Histogram<double> Queue = Meter.CreateHistogram<double>("kvnorm.queue.duration", "s", "Waiting for a slot.");
    private static readonly Histogram<double> Prefill = Meter.CreateHistogram<double>("kvnorm.prefill.duration", "s", "Reading a prompt, evictions included.");
    private static readonly Histogram<double> Decode = Meter.CreateHistogram<double>("kvnorm.decode.duration", "s", "Writing an answer, evictions included.");
    private static readonly Histogram<double> Eviction = Meter.CreateHistogram<double>("kvnorm.eviction.duration", "s", "Evictions of a call together; calls without one are not recorded.");

    private readonly Activity? _activity;
    private readonly ILogger _logger;
    private readonly string _model;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly bool _recordsText;
    private TimeSpan _queued;

    /// <summary>A call begins, and waits.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="logger">Gets a line when the call ends.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="recordsText">Whether the activity and the log may hold the text of messages.</param>
    public CallTelemetry(string model, ILogger logger, ChatRequest request, bool recordsText)
    {
        (_model, _logger, _recordsText) = (model, logger, recordsText);
        _tag = new KeyValuePair<string, object?>("gen_ai.request.model", model);
        _activity = Activities.StartActivity($"chat {model}", ActivityKind.Internal);
        _activity?.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", "kvnorm").SetTag("gen_ai.request.model", model);
        if (recordsText)
            _activity?.SetTag("kvnorm.last_message", request.Messages[^1]["content"]);
    }

    /// <summary>The call had to wait so long for a slot; null when it got none.</summary>
    public void Begin(TimeSpan? queued)
    {
        if (queued is null)
            return;
        _queued = queued.Value;
        Queue.Record(_queued.TotalSeconds, _tag);
        _activity?.SetTag("kvnorm.queue_ms", _queued.TotalMilliseconds);
    }

    /// <summary>The call failed or was cancelled.</summary>
    public void Fail(Exception exception)
    {
        _activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name).SetTag("error.type", exception.GetType().FullName);
        LogMessages.CallFailed(_logger, _model, exception.GetType().Name);
    }

    /// <summary>The answer is complete.</summary>
    /// <param name="account">What it took.</param>
    /// <param name="reason">Why it ended.</param>
    /// <param name="cache">The cache after it.</param>
    /// <param name="text">The text of the answer.</param>
    public void Finish(AnswerAccount account, ChatFinishReason? reason, KvCacheStatistics cache, string text)
    {
        Cells.Record(cache.Cells, _tag);
        Bytes.Record(cache.UsedBytes, _tag);
        ParkedConversations.Record(cache.ParkedConversations, _tag);
        ParkedBytes.Record(cache.ParkedBytes, _tag);
        InputTokens.Add(account.InputTokens, _tag);
        ReusedTokens.Add(account.CachedTokens, _tag);
        OutputTokens.Add(account.OutputTokens, _tag);
        Prefill.Record(account.Prefill.TotalSeconds, _tag);
        Decode.Record(account.Decode.TotalSeconds, _tag);
        if (account.Evictions > 0)
        {
            Evictions.Add(account.Evictions, _tag);
            EvictedRows.Add(account.EvictedRows, _tag);
            EvictedBytes.Add(account.EvictedBytes, _tag);
            Eviction.Record(account.Eviction.TotalSeconds, _tag);
        }

        _activity?.SetTag("gen_ai.usage.input_tokens", account.InputTokens)
            .SetTag("gen_ai.usage.output_tokens", account.OutputTokens)
            .SetTag("gen_ai.usage.cache_read.input_tokens", account.CachedTokens)
            .SetTag("gen_ai.response.finish_reasons", reason?.Value)
            .SetTag("kvnorm.prefill_ms", account.Prefill.TotalMilliseconds)
            .SetTag("kvnorm.decode_ms", account.Decode.TotalMilliseconds)
            .SetTag("kvnorm.eviction_ms", account.Eviction.TotalMilliseconds)
            .SetTag("kvnorm.evictions", account.Evictions)
            .SetTag("kvnorm.cells", cache.Cells);
        LogMessages.CallAnswered(_logger, _model, account.InputTokens, account.CachedTokens, account.OutputTokens, _queued.TotalMilliseconds, account.Prefill.TotalMilliseconds, account.Decode.TotalMilliseconds);
        if (account.Evictions > 0)
            LogMessages.RowsEvicted(_logger, _model, account.Evictions, account.EvictedRows, account.Eviction.TotalMilliseconds, cache.Cells, cache.Capacity);
        if (!_recordsText)
            return;
        _activity?.SetTag("kvnorm.answer", text);
        LogMessages.AnswerText(_logger, text);
    }

    public void Dispose() => _activity?.Dispose();
}
