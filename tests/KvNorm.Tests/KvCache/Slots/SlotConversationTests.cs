using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class SlotConversationTests
{
    private readonly SpanMap _spans = new(static token => token % 10 == 9 ? TokenPiece.EndsSpan : TokenPiece.Word);

    [Fact]
    public void Append_Tokens_AreInLedgerAndSpans()
    {
        SlotConversation conversation = Of(0, 25);
        Assert.Equal((25, 25), (conversation.Length, conversation.Ledger.Rows));
        Assert.Equal(Enumerable.Range(0, 25), conversation.Tokens.ToArray());
        Assert.Equal((0, 1, 2), (_spans[9], _spans[10], _spans[24]));
    }

    [Fact]
    public void Truncate_Tokens_LeaveLedgerAndSpans()
    {
        SlotConversation conversation = Of(0, 25);
        conversation.Truncate(10);
        conversation.Append([100, 101]);
        Assert.Equal((12, 12), (conversation.Length, conversation.Ledger.Rows));
        Assert.Equal([9, 100, 101], conversation.Tokens[9..].ToArray());
        Assert.Equal(1, _spans[11]);
    }

    [Fact]
    public void TruncateText_RowsCutBefore_LeavesTheLedgerAlone()
    {
        SlotConversation conversation = Of(0, 25);
        conversation.Ledger.Pack([0, 1, 2, 3, 10], 5, 12);
        conversation.TruncateText(12);
        Assert.Equal((12, 5, 12), (conversation.Length, conversation.Ledger.Rows, conversation.Ledger.LogicalLength));
    }

    [Theory]
    [InlineData(0, 30, false)] // an empty conversation is the beginning of none
    [InlineData(20, 30, true)]
    [InlineData(20, 20, true)]
    [InlineData(20, 10, false)]
    public void IsBeginningOf_Tokens_AllOfItMustBeInThem(int length, int tokens, bool expected) =>
        Assert.Equal(expected, Of(0, length).IsBeginningOf([.. Enumerable.Range(0, tokens)]));

    [Fact]
    public void ReusableLength_PinnedPrefixNotWhole_IsTheCompleteBeginning()
    {
        SlotConversation conversation = Of(0, 20);
        conversation.Ledger.Pack([0, 1, 2, 4, 6, 8, 10, 12, 14, 19], 10, 20);
        int[] prompt = [.. Enumerable.Range(0, 16), 500];
        Assert.Equal(16, conversation.ReusableLength(prompt));
        conversation.Pinned = new PinnedTokens(4, 0, 0);
        Assert.Equal(3, conversation.ReusableLength(prompt));
    }

    [Fact]
    public void Restore_Snapshot_TakesThePlaceOfWhatWasThere()
    {
        SlotConversation conversation = new(new RowLedger(RowLedgerTests.Separate(2), renumbered: true), _spans, TakingBack.Cuts);
        conversation.Append([1, 2, 3]);
        using ConversationSnapshot snapshot = SnapshotSample.Halved([.. Enumerable.Range(100, 11)], prefix: 2);
        conversation.Restore(snapshot);
        Assert.Equal(snapshot.Tokens, conversation.Tokens.ToArray());
        Assert.Equal(snapshot.Ledger.Retention(), conversation.Ledger.Retention());
        Assert.Equal(2, conversation.Pinned.Prefix);
        Assert.Equal(1, _spans[10]);
    }

    private SlotConversation Of(int start, int count)
    {
        SlotConversation conversation = new(new RowLedger(RowLedgerTests.Separate(1), renumbered: true), _spans, TakingBack.Cuts);
        conversation.Append([.. Enumerable.Range(start, count)]);
        return conversation;
    }
}
