using KvNorm.KvCache.Slots;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>What an answer took.</summary>
internal sealed record AnswerAccount
{
    /// <summary>Gets the tokens of the prompt.</summary>
    public required int InputTokens { get; init; }

    /// <summary>Gets those of them that the cache held already.</summary>
    public required int CachedTokens { get; init; }

    public required int OutputTokens { get; init; }

    /// <summary>Gets those of the answer's tokens that were reasoning.</summary>
    public required int ReasoningTokens { get; init; }

    public required int Evictions { get; init; }

    public required long EvictedRows { get; init; }

    /// <summary>Gets the bytes of the cells that evictions freed.</summary>
    public required long EvictedBytes { get; init; }

    /// <summary>Gets what was evicted and came back.</summary>
    public required RecalledSpans Recalled { get; init; }

    /// <summary>Gets what that took, as a part of the prefill.</summary>
    public required TimeSpan Recall { get; init; }

    public required TimeSpan Prefill { get; init; }

    public required TimeSpan Decode { get; init; }

    public required TimeSpan Eviction { get; init; }

    /// <summary>Gets the speed of the decoding; null for an answer without a token.</summary>
    public double? TokensPerSecond => OutputTokens > 0 && Decode > TimeSpan.Zero ? OutputTokens / Decode.TotalSeconds : null;

    /// <summary>The counts as callers know them.</summary>
    public UsageDetails Usage() => new()
    {
        InputTokenCount = InputTokens,
        OutputTokenCount = OutputTokens,
        TotalTokenCount = InputTokens + OutputTokens,
        CachedInputTokenCount = CachedTokens,
        ReasoningTokenCount = ReasoningTokens,
        AdditionalCounts = new AdditionalPropertiesDictionary<long>
        {
            [KvNormUsage.Evictions] = Evictions,
            [KvNormUsage.EvictedRows] = EvictedRows,
            [KvNormUsage.Recalls] = Recalled.Spans.Length,
            [KvNormUsage.RecalledTokens] = Recalled.Tokens,
            [KvNormUsage.PrefillMilliseconds] = (long)Prefill.TotalMilliseconds,
            [KvNormUsage.DecodeMilliseconds] = (long)Decode.TotalMilliseconds,
            [KvNormUsage.EvictionMilliseconds] = (long)Eviction.TotalMilliseconds,
            [KvNormUsage.RecallMilliseconds] = (long)Recall.TotalMilliseconds,
        },
    };

    /// <summary>The times under the names of <see cref="KvNormUsage"/>.</summary>
    public AdditionalPropertiesDictionary Times() => new()
    {
        [KvNormUsage.PrefillMilliseconds] = Prefill.TotalMilliseconds,
        [KvNormUsage.DecodeMilliseconds] = Decode.TotalMilliseconds,
        [KvNormUsage.EvictionMilliseconds] = Eviction.TotalMilliseconds,
        [KvNormUsage.RecallMilliseconds] = Recall.TotalMilliseconds,
    };

    /// <summary>What a conversation's answers took, with this one.</summary>
    public KvNormConversationStatistics AddedTo(KvNormConversationStatistics before) => before with
    {
        Requests = before.Requests + 1,
        InputTokens = before.InputTokens + InputTokens,
        CachedInputTokens = before.CachedInputTokens + CachedTokens,
        OutputTokens = before.OutputTokens + OutputTokens,
        Evictions = before.Evictions + Evictions,
        EvictedRows = before.EvictedRows + EvictedRows,
    };
}
