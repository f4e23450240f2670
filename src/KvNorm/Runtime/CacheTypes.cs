namespace KvNorm.Runtime;

/// <summary>What a cache stores its keys and values as.</summary>
internal sealed record CacheTypes(KvCacheType Keys, KvCacheType Values)
{
    /// <summary>Gets the default: f16 for both.</summary>
    public static CacheTypes Half { get; } = new(KvCacheType.F16, KvCacheType.F16);

    public override string ToString() => Keys == Values ? Name(Keys) : $"{Name(Keys)} and {Name(Values)}";

    /// <summary>What llama.cpp calls a type.</summary>
    public static string Name(KvCacheType type) => type.ToString().ToLowerInvariant();
}
