namespace KvNorm;

/// <summary>Who shares one set of kept rows.</summary>
public enum EvictionGranularity
{
    /// <summary>Every layer and KV head keeps its own rows.</summary>
    Head,

    /// <summary>The heads of a layer share one set.</summary>
    Layer,

    /// <summary>All layers and heads share one set: whole tokens stay or go.</summary>
    All,
}
