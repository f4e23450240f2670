using KvNorm.KvCache.Attention;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Attention;

public sealed class ReceivedAttentionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    public void Sum_LatestTokens_IsTheirSoftmaxOverTheRowsSoFar(int window)
    {
        using MirrorRig rig = new();
        rig.Decode(40);
        rig.Decode(30);
        QueryLog log = rig.CreateLog(64);
        log.Append(rig.Context.Queries!, 0, 1070, 30);
        int[] tokens = [.. Enumerable.Range(0, 40), .. Enumerable.Range(1040, 30)]; // rows of an earlier eviction, then those decoded since
        for (int layer = 0; layer < 2; layer++)
        {
            for (int head = 0; head < MirrorRig.KeyValueHeads; head++)
            {
                float[] keys = rig.Keys(layer, head), received = new float[70];
                Assert.Equal(window, new ReceivedAttention(log).Sum(
                    layer, head, MirrorRig.Shape, tokens, window, keys, received));
                double[] expected = MirrorRig.Received(keys, window);
                for (int row = 0; row < 70; row++)
                    Assert.Equal(expected[row], received[row], 5e-3 * window);
                Assert.Equal(window, received.Sum(static weight => (double)weight), 1e-3);
            }
        }
    }

    // Queries and keys of quantised caches are transformed, here in blocks of 64.
    [Theory]
    [InlineData(KvCacheType.F32, 0.01)]
    [InlineData(KvCacheType.BF16, 0.02)]
    [InlineData(KvCacheType.Q8_0, 0.02)]
    [InlineData(KvCacheType.Q5_1, 0.1)]
    [InlineData(KvCacheType.Q4_0, 0.2)]
    public void Sum_AnyType_IsTheSoftmaxOverTheKeysAsTheyAreStored(KvCacheType type, double tolerance)
    {
        using MirrorRig rig = new(MirrorRig.Settings with { HeadLength = 64 }, new CacheTypes(type, KvCacheType.F16));
        rig.Decode(40);
        QueryLog log = rig.CreateLog(64);
        log.Append(rig.Context.Queries!, 0, 40, 40);
        float[] keys = rig.Keys(1, 1), received = new float[40];
        Assert.Equal(8, new ReceivedAttention(log).Sum(1, 1, rig.LayerShape, [.. Enumerable.Range(0, 40)], 8, keys, received));
        double[] expected = MirrorRig.Received(keys, 8, 64);
        double distance = Math.Sqrt(expected.Zip(received, static (a, b) => (a - b) * (a - b)).Sum());
        Assert.InRange(distance / Math.Sqrt(expected.Sum(static one => one * one)), 0, tolerance);
    }

    // A cut scores rows before those whose queries are known; a conversation that was loaded has none.
    [Fact]
    public void Sum_NoQueriesOfTheLastRows_IsNothing()
    {
        using MirrorRig rig = new();
        rig.Decode(10);
        QueryLog log = rig.CreateLog(64);
        log.Append(rig.Context.Queries!, 0, 30, 10);
        float[] keys = rig.Keys(0, 0)[..(5 * MirrorRig.Length)], received = [7, 7, 7, 7, 7];
        Assert.Equal(0, new ReceivedAttention(log).Sum(0, 0, MirrorRig.Shape, [0, 4, 9, 11, 19], 5, keys, received));
        Assert.Equal([0, 0, 0, 0, 0], received);
        log.Clear();
        Assert.Equal(0, new ReceivedAttention(log).Sum(0, 0, MirrorRig.Shape, [0, 4, 9, 11, 29], 5, keys, received));
    }
}
