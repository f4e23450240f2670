using KvNorm.KvCache.Attention;

namespace KvNorm.Tests.KvCache.Attention;

public sealed class QueryLogTests
{
    [Fact]
    public void Append_MoreThanItHolds_KnowsTheLatest()
    {
        using MirrorRig rig = new();
        rig.Decode(1);
        QueryLog all = rig.CreateLog(64), few = rig.CreateLog(5);
        foreach (int count in new[] { 3, 1, 9, 2 })
        {
            rig.Decode(count);
            all.Append(rig.Context.Queries!, 0, rig.Decoded, count);
            few.Append(rig.Context.Queries!, 0, rig.Decoded, count);
        }

        Assert.Equal((1, 16), (all.Start, all.End));
        Assert.Equal((11, 16), (few.Start, few.End));
        AssertSame(all, few);
        QueryLog smaller = rig.CreateLog(2);
        smaller.CopyFrom(few);
        Assert.Equal((14, 16), (smaller.Start, smaller.End));
        AssertSame(all, smaller);
        Assert.True(few.Clone().Bytes < all.Clone().Bytes);
        AssertSame(all, few.Clone());
    }

    [Fact]
    public void Truncate_ThenOtherTokens_KnowsThose()
    {
        using MirrorRig rig = new();
        rig.Decode(12);
        QueryLog log = rig.CreateLog(8);
        log.Append(rig.Context.Queries!, 0, 12, 12);
        log.Truncate(10);
        Assert.Equal((4, 10), (log.Start, log.End));
        rig.Context.Sequences[0].RemoveFrom(10);
        rig.Context.Sequences[0].Decode([200, 201, 202], 10, logits: false);
        log.Append(rig.Context.Queries!, 0, 13, 3);
        Assert.Equal((5, 13), (log.Start, log.End));
        Assert.Equal(rig.Context.Queries!.Queries(1, 0, 2).ToArray(), log.Queries(1, 12).ToArray());
        log.Truncate(2);
        Assert.Equal(0, log.End - log.Start);
    }

    // The queries between were not read, as after an eviction.
    [Fact]
    public void Append_AfterAGap_ForgetsWhatWasBefore()
    {
        using MirrorRig rig = new();
        rig.Decode(4);
        QueryLog log = rig.CreateLog(16);
        log.Append(rig.Context.Queries!, 0, 4, 4);
        log.Append(rig.Context.Queries!, 0, 9, 4);
        Assert.Equal((5, 9), (log.Start, log.End));
        log.Clear();
        log.Append(rig.Context.Queries!, 0, 20, 4);
        Assert.Equal((16, 20), (log.Start, log.End));
    }

    // What was read again stands in the batch before them, and is no part of the conversation.
    [Fact]
    public void Append_FewerThanWereDecoded_KnowsTheLast()
    {
        using MirrorRig rig = new();
        rig.Decode(6);
        QueryLog log = rig.CreateLog(16);
        log.Append(rig.Context.Queries!, 0, 20, 2);
        Assert.Equal((18, 20), (log.Start, log.End));
        Assert.Equal(rig.Context.Queries!.Queries(1, 0, 4).ToArray(), log.Queries(1, 18).ToArray());
        log.Append(rig.Context.Queries!, 0, 20, 0);
        Assert.Equal((18, 20), (log.Start, log.End));
    }

    private static void AssertSame(QueryLog expected, QueryLog actual)
    {
        Assert.True(actual.End > actual.Start);
        for (int token = actual.Start; token < actual.End; token++)
        {
            for (int layer = 0; layer < 2; layer++)
                Assert.Equal(expected.Queries(layer, token).ToArray(), actual.Queries(layer, token).ToArray());
        }
    }
}
