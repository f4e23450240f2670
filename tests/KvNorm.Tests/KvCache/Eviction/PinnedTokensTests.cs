using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class PinnedTokensTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(11, true)]
    [InlineData(12, false)]
    public void Contains_Token_IsInThePrefixOrTheOpenMessage(int token, bool expected) =>
        Assert.Equal(expected, new PinnedTokens(4, 10, 12).Contains(token));

    [Fact]
    public void Contains_EmptyOpenMessage_PinsNoneOfIt() => Assert.False(new PinnedTokens(0, 10, 10).Contains(10));

    [Fact]
    public void Ranges_PrefixMessageAndRecalled_AreWhatIsPinned()
    {
        PinnedTokens pinned = new(2, 5, 7) { Recalled = [new TokenRange(10, 12), new TokenRange(15, 16)] };
        int[] tokens = [.. pinned.Ranges.SelectMany(static range => Enumerable.Range(range.Start, range.Length))];
        Assert.Equal(Enumerable.Range(0, 20).Where(pinned.Contains), tokens);
        Assert.Equal(7, pinned.Count);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(4, 4)]
    public void Front_FirstMessage_StaysAsThePrefixDoes(int firstMessageEnd, int front)
    {
        PinnedTokens pinned = new(2, 3, 7) { FirstMessageEnd = firstMessageEnd };
        Assert.Equal(front, pinned.Front);
        Assert.Equal(new TokenRange(0, front), pinned.Ranges[0]);
        int[] all = [.. Enumerable.Range(0, 20)];
        Assert.Equal(all.Where(token => token < front || token is >= 3 and < 7), all.Where(pinned.Contains));
        Assert.Equal(front + 4, pinned.Count); // at most: the message may be the one that is answered
    }

    // It is asked of every token that comes back.
    [Fact]
    public void Contains_AnyToken_AllocatesNothing()
    {
        PinnedTokens pinned = new(2, 5, 7) { Recalled = [new TokenRange(10, 12)] };
        pinned.Contains(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int contained = 0;
        for (int token = 0; token < 1000; token++)
            contained += pinned.Contains(token) ? 1 : 0;
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(6, contained);
    }
}
