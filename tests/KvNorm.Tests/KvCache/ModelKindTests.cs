using System.Numerics.Tensors;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Slots;

namespace KvNorm.Tests.KvCache;

/// <summary>Every kind of model that docs/native.md lists.</summary>
public sealed class ModelKindTests
{
    private const int Cells = 128, Trained = 256;

    public static TheoryData<string> Kinds => [.. TinyKind.All.Select(static kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_EveryKind_FindsItsMechanismAndSaysWhy(string name)
    {
        TinyKind kind = TinyKind.Named(name);
        using LlamaModel model = TinyModel.Load(kind.Settings);
        ModelProbe probe = ModelProbe.Run(model, 1);
        Assert.Equal(kind.Mechanism, probe.Mechanism);
        Assert.Contains(kind.Reason, probe.Reason, StringComparison.Ordinal);
        Assert.True(probe.BytesPerCell > 0);
    }

    // What they are is said before anything else is: not that a layer is missing, or that no token can be decoded.
    [Theory]
    [InlineData("t5", "an encoder")]
    [InlineData("dream", "by diffusion")]
    [InlineData("llada", "by diffusion")]
    [InlineData("mamba", "nothing to bound")]
    public void Create_ModelThatCannotBeServed_IsRefusedByName(string architecture, string reason)
    {
        string path = TinyModel.Write(TinyModelSettings.Of(architecture));
        NotSupportedException e = Assert.Throws<NotSupportedException>(() => KvNormChatClient.Create(new KvNormChatOptions
        {
            ModelPath = path, KvCacheBudget = KvCacheBudget.FromCells(Cells), Threads = 1,
        }));
        Assert.Contains($"({architecture})", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Evict_Nothing_LogitsAreThoseOfTheFullCache(string name) => AssertSameLogits(() => Fixture(name), 0.005);

    // Both caches are rounded, and what is moved of the window is rounded anew.
    [Theory]
    [InlineData("gemma3", KvCacheType.Q8_0, 0.05)]
    [InlineData("gpt-oss", KvCacheType.Q8_0, 0.05)]
    [InlineData("gemma3", KvCacheType.Q4_0, 0.5)]
    public void Evict_NothingOfAWindowInAnotherType_LogitsAreThoseOfTheFullCache(string name, KvCacheType type, double tolerance)
    {
        AssertSameLogits(() => Fixture(name, new CacheTypes(type, type)), tolerance);
        using SlotFixture fixture = Fixture(name, new CacheTypes(type, type));
        Assert.Equal(EvictionMechanism.RewriteRows, fixture.Probe.Mechanism);
        Assert.All(fixture.Probe.Window!.Layers, layer => Assert.Equal((type, type), (layer.Key.Type, layer.Value.Type)));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 5 * Cells), logits: true);
        fixture.AssertConsistent();
        Assert.True(fixture.Slot.Statistics.Evictions >= 5);
    }

    // More than the budget five times over, and than the model was trained for.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Prefill_FiveTimesTheBudget_GoesOn(string name)
    {
        using SlotFixture fixture = Fixture(name);
        fixture.Slot.Pin(6, 0, 6, 6);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 5 * Cells), logits: true);
        fixture.AssertConsistent();
        KvCacheStatistics statistics = fixture.Slot.Statistics;
        Assert.Equal(5 * Cells, statistics.LogicalTokens);
        Assert.True(statistics.Evictions >= 5);
        Assert.Equal(TinyKind.Named(name).Mechanism != EvictionMechanism.RewriteRows, statistics.Renewals > 0);
        Assert.All(fixture.Slot.Retention().Held[..6], static share => Assert.Equal(1, share));
        Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
        Assert.Equal(5, fixture.Greedy([50], 5).Count);
    }

    private static void AssertSameLogits(Func<SlotFixture> create, double tolerance)
    {
        using SlotFixture evicted = create(), full = create();
        foreach (SlotFixture fixture in new[] { evicted, full })
        {
            fixture.Slot.Prefill(SlotFixture.Tokens(0, 100), logits: false);
            if (fixture == evicted)
                fixture.Slot.Evict(100);
            fixture.Slot.Prefill(SlotFixture.Tokens(100, 10), logits: true);
            fixture.AssertConsistent();
        }

        float[] expected = full.Logits(), actual = evicted.Logits();
        Assert.InRange(TensorPrimitives.Distance<float>(expected, actual) / TensorPrimitives.Norm<float>(expected), 0, tolerance);
    }

    private static SlotFixture Fixture(string name, CacheTypes? types = null) =>
        new(KvCacheBudget.FromCells(Cells), TinyKind.Named(name).Settings with { ContextLength = Trained }, types: types);
}
