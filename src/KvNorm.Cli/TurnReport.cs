using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>One turn as `kvnorm chat --json` prints it.</summary>
internal sealed record TurnReport
{
    public required int Turn { get; init; }

    public required string Text { get; init; }

    public required string Finish { get; init; }

    public required long InputTokens { get; init; }

    /// <summary>Tokens of the prompt that were not prefilled again.</summary>
    public required long CachedTokens { get; init; }

    public required long OutputTokens { get; init; }

    public required int Cells { get; init; }

    public required int Capacity { get; init; }

    public required long Evictions { get; init; }

    public required long EvictedRows { get; init; }

    /// <summary>Passages that were evicted and came back for the message.</summary>
    public required long Recalls { get; init; }

    public required long RecalledTokens { get; init; }

    public required double PrefillMs { get; init; }

    public required double DecodeMs { get; init; }

    public required double EvictMs { get; init; }

    public required double RecallMs { get; init; }

    /// <summary>Reads a turn off the last update of its answer.</summary>
    public static TurnReport Of(int turn, string text, ChatResponseUpdate last, KvCacheStatistics statistics)
    {
        UsageDetails usage = last.Contents.OfType<UsageContent>().Single().Details;
        return new TurnReport
        {
            Turn = turn,
            Text = text,
            Finish = last.FinishReason!.Value.Value,
            InputTokens = usage.InputTokenCount!.Value,
            CachedTokens = usage.CachedInputTokenCount!.Value,
            OutputTokens = usage.OutputTokenCount!.Value,
            Cells = statistics.Cells,
            Capacity = statistics.Capacity,
            Evictions = usage.AdditionalCounts![KvNormUsage.Evictions],
            EvictedRows = usage.AdditionalCounts[KvNormUsage.EvictedRows],
            Recalls = usage.AdditionalCounts[KvNormUsage.Recalls],
            RecalledTokens = usage.AdditionalCounts[KvNormUsage.RecalledTokens],
            PrefillMs = Milliseconds(KvNormUsage.PrefillMilliseconds),
            DecodeMs = Milliseconds(KvNormUsage.DecodeMilliseconds),
            EvictMs = Milliseconds(KvNormUsage.EvictionMilliseconds),
            RecallMs = Milliseconds(KvNormUsage.RecallMilliseconds),
        };

        double Milliseconds(string name) => Math.Round((double)last.AdditionalProperties![name]!, 3);
    }
}
