using System.Numerics.Tensors;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Eviction;

/// <summary>Evictions in caches of every type, held against the same ones in f16.</summary>
public sealed class RowEvictorTypesTests
{
    private const int Cells = 256, Keep = 96, Read = 220;

    private static readonly EvictionPolicy Drawn = EvictionPolicy.Named("random"); // the same rows whatever the keys are rounded to

    private static readonly PinnedTokens Pinned = new(6, 150, 160);

    /// <summary>Types of keys and values, and the largest share of a row's length that a turn and its rounding may take.</summary>
    public static TheoryData<KvCacheType, KvCacheType, double> Types() => new()
    {
        { KvCacheType.F32, KvCacheType.F32, 0.01 },
        { KvCacheType.BF16, KvCacheType.BF16, 0.02 },
        { KvCacheType.Q8_0, KvCacheType.Q8_0, 0.03 },
        { KvCacheType.Q5_1, KvCacheType.Q5_1, 0.12 },
        { KvCacheType.Q5_0, KvCacheType.Q5_0, 0.15 },
        { KvCacheType.Q4_1, KvCacheType.Q4_1, 0.25 },
        { KvCacheType.Q4_0, KvCacheType.Q4_0, 0.3 },
        { KvCacheType.Q8_0, KvCacheType.Q4_0, 0.2 },
        { KvCacheType.F16, KvCacheType.Q5_1, 0.1 },
        { KvCacheType.Q5_0, KvCacheType.BF16, 0.15 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Evict_AnyTypes_RowsAreThoseOfF16(KvCacheType keys, KvCacheType values, double tolerance)
    {
        foreach (int head in new[] { 32, 64 })
        {
            TinyModelSettings settings = new() { HeadLength = head };
            using EvictionRig half = new(TinyModel.Load(settings), Drawn, Cells, Keep);
            using EvictionRig rig = new(TinyModel.Load(settings), Drawn, Cells, Keep, new CacheTypes(keys, values));
            half.Read(Read);
            rig.Read(Read);
            Dictionary<int, float[][]> before = RowEvictorTests.Values(rig, 1);
            half.Evict(Pinned);
            rig.Evict(Pinned);
            for (int one = 0; one < rig.Geometry.HeadCount; one++)
            {
                (int layer, int number) = (one / 2, one % 2);
                Assert.Equal(half.Kept(one), rig.Kept(one));
                double allowed = layer == 0 ? tolerance : 2 * tolerance; // the second layer reads what the first has made of rounded rows
                AssertClose(half.Rows(layer, number, values: false), rig.Rows(layer, number, values: false), allowed);
                AssertClose(half.Rows(layer, number, values: true), rig.Rows(layer, number, values: true), allowed);
                if (layer == 1)
                    Assert.Equal(rig.Kept(one).Select(token => before[one][token]), rig.Rows(layer, number, values: true));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Recall_AnyTypes_RowsAreThoseOfTheirTokens(KvCacheType keys, KvCacheType values, double tolerance)
    {
        using EvictionRig rig = new(
            TinyModel.Load(new TinyModelSettings { HeadLength = 64 }), Drawn, Cells, Keep, new CacheTypes(keys, values));
        rig.Read(Read);
        Dictionary<int, float[][]> before = RowEvictorTests.Values(rig, 1);
        rig.Evict(Pinned);
        rig.Recall(new PinnedTokens(4, 0, 0) { Recalled = [new TokenRange(40, 65)] }, Keep, [.. Enumerable.Range(40, 25)]);
        RowEvictorTests.AssertFirstLayer(rig, 2 * tolerance); // llama.cpp rounds the expected ones, too
        foreach ((int head, float[][] rows) in RowEvictorTests.Values(rig, 1))
            Assert.Equal(rig.Kept(head).Select(token => before[head][token]), rows);
    }

    // RoPE knows distances alone: a conversation that is moved as a whole goes on as it was.
    [Theory]
    [InlineData(KvCacheType.F32, 0.01)]
    [InlineData(KvCacheType.F16, 0.01)]
    [InlineData(KvCacheType.BF16, 0.02)]
    [InlineData(KvCacheType.Q8_0, 0.03)]
    [InlineData(KvCacheType.Q5_1, 0.12)]
    [InlineData(KvCacheType.Q5_0, 0.12)]
    [InlineData(KvCacheType.Q4_1, 0.25)]
    [InlineData(KvCacheType.Q4_0, 0.25)]
    public void Bring_EveryRowToAnotherPosition_LogitsStayWithinTheTypesRounding(KvCacheType type, double tolerance)
    {
        foreach (TinyModelSettings? settings in new[] { null, new TinyModelSettings(), new TinyModelSettings { HeadLength = 128 } })
        {
            LlamaModel model = settings is null ? EmbeddedModel.Model : TinyModel.Load(settings);
            (double turned, double unturned) = DistancesAfterMove(model, new CacheTypes(type, KvCacheType.F16));
            Assert.InRange(turned, 0, tolerance);
            Assert.True(unturned > 2 * turned);
        }
    }

    // How far the next logits are from those of the same conversation 700 positions later, as a share of their length: with the keys turned
    // back by so many positions, and without.
    private static (double Turned, double Unturned) DistancesAfterMove(LlamaModel model, CacheTypes types)
    {
        const int moved = 700, length = 60;
        ModelProbe probe = ModelProbe.Run(model, 1, types);
        using LlamaContext context = new(model, new LlamaContextSettings(Cells, 64, 1) { Types = types });
        int[] tokens = [.. Enumerable.Range(0, length).Select(EvictionRig.TokenAt)];
        context.Sequences[0].Decode(tokens, moved, logits: true);
        using StateBuffer turned = new(), unturned = new();
        context.Sequences[0].ReadState(turned);
        context.Sequences[0].ReadState(unturned);
        context.Sequences[0].Decode([42], moved + length, logits: true);
        float[] expected = context.Logits().ToArray();
        return (Distance(turned, moved), Distance(unturned, 0));

        double Distance(StateBuffer buffer, int back)
        {
            SequenceState state = SequenceState.Parse(buffer);
            Move(state, probe, model, back);
            state.Truncate([.. Enumerable.Range(0, length)]);
            context.Sequences[0].WriteState(buffer);
            context.Sequences[0].Decode([42], length, logits: true);
            return TensorPrimitives.Distance<float>(expected, context.Logits()) / TensorPrimitives.Norm<float>(expected);
        }
    }

    private static void Move(SequenceState state, ModelProbe probe, LlamaModel model, int back)
    {
        using ArchiveSpace space = new(
            new ArchiveLayout(probe.Geometry!), new ArchiveLimits(64 << 20), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        using RowArchive archive = space.CreateArchive();
        using ArchivedRows rows = new(archive.Layout);
        archive.Append(state, 0, 0);
        Assert.True(archive.TryRead([.. Enumerable.Range(0, state.CellCount)], rows));
        IReadOnlyList<RopeRotation?> rotations = RopeRotation.ForLayers(model.RopeType, probe.Frequencies!, Cells);
        float[] scratch = new float[probe.Geometry!.Layers[0].KeyLength];
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            LayerGeometry shape = probe.Geometry.Layers[layer];
            for (int head = 0; head < shape.Heads; head++)
            {
                HeadCells cells = new(state.Keys(layer), state.Values(layer), shape, head, back > 0 ? rotations[layer] : null, scratch);
                for (int row = 0; row < state.CellCount; row++)
                    cells.Bring(rows, row, layer, row);
            }
        }
    }

    private static void AssertClose(float[][] expected, float[][] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int row = 0; row < expected.Length; row++)
            Assert.InRange(
                TensorPrimitives.Distance<float>(expected[row], actual[row]) / TensorPrimitives.Norm<float>(expected[row]), 0, tolerance);
    }
}
