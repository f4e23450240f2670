using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.State;

/// <summary>What is found out about caches of other types than f16.</summary>
public sealed class ModelProbeTypesTests
{
    public static TheoryData<KvCacheType> Types => [.. Enum.GetValues<KvCacheType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Run_LongHeads_FindsTheTransformOfQuantisedTypes(KvCacheType type)
    {
        foreach (int head in new[] { 64, 128 })
        {
            ModelProbe probe = Probe(new CacheTypes(type, type), head);
            bool isQuantised = RowCodec.Of(type).BlockLength > 1;
            Assert.All(probe.Geometry!.Layers, layer => Assert.Equal(
                (type, isQuantised ? head : 0, type, isQuantised ? 64 : 0),
                (layer.Key.Type, layer.Key.HadamardBlock, layer.Value.Type, layer.Value.HadamardBlock)));
            Assert.Equal(probe.Geometry.BytesPerCell, probe.BytesPerCell);
            Assert.Equal(2L * 2 * 2 * RowCodec.Of(type).BytesOf(head), probe.BytesPerCell);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Run_ShortHeads_FindsNoTransform(KvCacheType type)
    {
        ModelProbe probe = Probe(new CacheTypes(KvCacheType.F16, type), 32);
        Assert.All(probe.Geometry!.Layers, layer => Assert.Equal(
            (KvCacheType.F16, 0, type, 0), (layer.Key.Type, layer.Key.HadamardBlock, layer.Value.Type, layer.Value.HadamardBlock)));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void ConfirmIn_ContextOfTheTypes_HoldsWithinTheirRounding(KvCacheType type)
    {
        foreach (string name in new[] { "llama", "stablelm", "embedded" })
        {
            int? rotated = name == "llama" ? null : 20;
            LlamaModel model = name == "embedded"
                ? EmbeddedModel.Model
                : TinyModel.Load(new TinyModelSettings { Architecture = name, HeadLength = 64, RotatedLength = rotated });
            ModelProbe probe = ModelProbe.Run(model, 1, new CacheTypes(type, type));
            Assert.Equal(EvictionMechanism.RewriteRows, probe.Mechanism);
            using LlamaContext context = new(model, new LlamaContextSettings(512, 64, 1) { Types = probe.Types });
            Assert.Same(probe, probe.ConfirmIn(context.Sequences[0], model));
            ModelProbe wrong = probe with { Frequencies = [.. probe.Frequencies!.Select(static _ => (double[]?)null)] };
            ModelProbe measured = wrong.ConfirmIn(context.Sequences[0], model); // as where a long context turns otherwise
            Assert.Equal((EvictionMechanism.RewriteRows, probe.Types), (measured.Mechanism, measured.Types));
            for (int pair = 0; pair < probe.Frequencies![0]!.Length; pair++)
                Assert.InRange((measured.Frequencies![0]![pair] - probe.Frequencies[0]![pair]) * 1777, -0.5, 0.5);
        }
    }

    [Theory]
    [InlineData(KvCacheType.Q8_0, KvCacheType.F16, "keys")]
    [InlineData(KvCacheType.F16, KvCacheType.Q4_0, "values")]
    public void Run_HeadsThatAreNoWholeBlocks_SaysWhatFits(KvCacheType keys, KvCacheType values, string what)
    {
        NotSupportedException refused = Assert.Throws<NotSupportedException>(() => Probe(new CacheTypes(keys, values), 48));
        Assert.Contains($"The {what}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("48 elements", refused.Message, StringComparison.Ordinal);
        Assert.Contains("bf16", refused.Message, StringComparison.Ordinal);
        Assert.Equal(EvictionMechanism.RewriteRows, Probe(new CacheTypes(KvCacheType.BF16, KvCacheType.F32), 48).Mechanism);
    }

    private static ModelProbe Probe(CacheTypes types, int head)
    {
        using LlamaModel model = TinyModel.Load(new TinyModelSettings { HeadLength = head });
        return ModelProbe.Run(model, 1, types);
    }
}
