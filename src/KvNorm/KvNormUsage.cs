namespace KvNorm;

/// <summary>Names under which a response tells more than the abstractions have properties for.</summary>
public static class KvNormUsage
{
    /// <summary>In UsageDetails.AdditionalCounts: evictions during the call.</summary>
    public const string Evictions = "kvnorm.evictions";

    /// <summary>In UsageDetails.AdditionalCounts: rows evicted during the call; a row is one token's key and value in one layer and head.</summary>
    public const string EvictedRows = "kvnorm.evicted_rows";

    /// <summary>In the last update's AdditionalProperties, a double: reading the prompt, evictions included.</summary>
    public const string PrefillMilliseconds = "kvnorm.prefill_ms";

    /// <summary>In the last update's AdditionalProperties, a double: writing the answer, evictions included.</summary>
    public const string DecodeMilliseconds = "kvnorm.decode_ms";

    /// <summary>In the last update's AdditionalProperties, a double: evictions during the call.</summary>
    public const string EvictionMilliseconds = "kvnorm.eviction_ms";
}
