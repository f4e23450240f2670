using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm;

/// <summary>What is known of a loaded model and its cache.</summary>
public sealed record KvNormModelFacts
{
    /// <summary>Gets the name: that of the file.</summary>
    public required string Name { get; init; }

    /// <summary>Gets llama.cpp's description of size and quantisation, such as "llama ?B Q4_1".</summary>
    public required string Description { get; init; }

    /// <summary>Gets the architecture as the file names it, such as "llama".</summary>
    public required string Architecture { get; init; }

    /// <summary>Gets the number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Gets the bytes of all weights.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets the layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Gets the KV heads of each layer that has a cache; empty when the cache cannot be read.</summary>
    public required IReadOnlyList<int> KeyValueHeads { get; init; }

    /// <summary>Gets the elements of one head's key.</summary>
    public required int KeyLength { get; init; }

    /// <summary>Gets the elements of one head's value.</summary>
    public required int ValueLength { get; init; }

    /// <summary>Gets the tokens that the model was trained to take at once; 0 when the file does not say.</summary>
    public required int TrainedLength { get; init; }

    /// <summary>Gets the tokens that a layer with a sliding window sees; 0 when no layer has one.</summary>
    public required int SlidingWindow { get; init; }

    /// <summary>
    /// Gets the bytes of one cell of the cache: a token over all heads of the layers, but for those of <see cref="WindowBytesPerCell"/>.
    /// </summary>
    public required long BytesPerCell { get; init; }

    /// <summary>Gets what keys are stored as.</summary>
    public KvCacheType CacheTypeK { get; init; } = KvCacheType.F16;

    /// <summary>Gets what values are stored as.</summary>
    public KvCacheType CacheTypeV { get; init; } = KvCacheType.F16;

    /// <summary>
    /// Gets the bytes of a token over all layers with a sliding window, where these hold the latest tokens in a cache of their own; 0
    /// where they do not.
    /// </summary>
    public long WindowBytesPerCell { get; init; }

    /// <summary>Gets how rows leave the cache.</summary>
    public required EvictionMechanism Mechanism { get; init; }

    /// <summary>Gets why it is that mechanism, as a sentence.</summary>
    public required string MechanismReason { get; init; }

    /// <summary>The facts of a model.</summary>
    internal static KvNormModelFacts Of(LlamaModel model, ModelProbe probe) => new()
    {
        Name = model.Name,
        Description = model.Description,
        Architecture = model.Architecture,
        Parameters = model.ParameterCount,
        Bytes = model.Bytes,
        Layers = model.LayerCount,
        KeyValueHeads = [.. probe.Geometry?.Layers.Select(static layer => layer.Heads) ?? []],
        KeyLength = model.KeyLength,
        ValueLength = model.ValueLength,
        TrainedLength = model.TrainedLength,
        SlidingWindow = model.SlidingWindow,
        BytesPerCell = probe.BytesPerCell,
        CacheTypeK = probe.Types.Keys,
        CacheTypeV = probe.Types.Values,
        WindowBytesPerCell = probe.Cost.WindowBytes,
        Mechanism = probe.Mechanism,
        MechanismReason = probe.Reason,
    };
}
