using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class ConversationTraceTests
{
    [Fact]
    public void Unnamed_KeepsItsIdUntilItIsForgotten()
    {
        ConversationTrace trace = ConversationTrace.Nobodys().Unnamed();
        Assert.Same(trace, trace.Unnamed());
        Assert.NotEqual(trace.Id, ConversationTrace.Nobodys().Unnamed().Id, StringComparer.Ordinal);
        Assert.True(trace.Forget());
        Assert.False(trace.Forget());
        Assert.NotNull(trace.Unnamed().Id);
        Assert.NotSame(trace, trace.Unnamed());
    }

    [Fact]
    public void Unnamed_OfANamedOne_IsAnother()
    {
        ConversationTrace named = ConversationTrace.Named("a");
        Assert.Equal(("a", true), (named.Id, named.IsNamed));
        Assert.NotEqual("a", named.Unnamed().Id, StringComparer.Ordinal);
        Assert.False(named.Unnamed().IsNamed);
    }

    [Fact]
    public void Add_MoreThan256_TheOldestGo()
    {
        ConversationTrace trace = ConversationTrace.Named("a");
        for (int rows = 1; rows <= 300; rows++)
            trace.Add(new KvCacheEvent { Time = DateTimeOffset.UnixEpoch, Milliseconds = 1, EvictedRows = rows });
        Assert.Equal(Enumerable.Range(45, 256), trace.Events.Select(static one => (int)one.EvictedRows));
    }
}
