using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class ConversationSnapshotTests
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 40)];

    [Fact]
    public void Bytes_Any_AreThoseOfStateTokensLedgerAndStatistics()
    {
        using ConversationSnapshot whole = SnapshotSample.Whole(Tokens), halved = SnapshotSample.Halved(Tokens);
        Assert.Equal(100 + (4 * 40), whole.Bytes);
        Assert.Equal(100 + (4 * (40 + (2 * 21))), halved.Bytes);
        Assert.Equal(whole.Bytes + (8 * 3), (whole with { Statistics = new ScorerStatistics([[1, 2], [], [3]]) }).Bytes);
    }

    [Fact]
    public void ReusableLength_ChangeInsideTheEvictedPart_DependsOnWhatCanBeCut()
    {
        int[] prompt = [.. Tokens[..30], 500];
        using ConversationSnapshot cut = SnapshotSample.Halved(Tokens);
        using ConversationSnapshot whole = SnapshotSample.Halved(Tokens, takingBack: TakingBack.DropsRows);
        Assert.Equal(30, cut.ReusableLength(prompt));
        Assert.Equal(1, whole.ReusableLength(prompt));
    }

    [Fact]
    public void ReusableLength_SystemPromptNotWhole_IsTheCompleteBeginning()
    {
        using ConversationSnapshot snapshot = SnapshotSample.Halved(Tokens, prefix: 5);
        Assert.Equal(1, snapshot.ReusableLength([.. Tokens[..30], 500]));
    }

    [Fact]
    public void IsContinuedBy_SystemPrompt_DoesNotCount()
    {
        int[] prompt = [.. Tokens[..25], .. Enumerable.Range(100, 15)];
        using ConversationSnapshot without = SnapshotSample.Whole(Tokens), with = SnapshotSample.Whole(Tokens, prefix: 20);
        Assert.True(without.IsContinuedBy(prompt));
        Assert.False(with.IsContinuedBy(prompt));
    }

    [Fact]
    public void Copy_OriginalDisposed_KeepsItsState()
    {
        ConversationSnapshot original = SnapshotSample.Whole(Tokens);
        using ConversationSnapshot copy = original.Copy(archiveBytes: 0);
        original.Dispose();
        Assert.Equal(Enumerable.Repeat((byte)7, 100), copy.State.Slice(0, 100).ToArray());
        Assert.Throws<ObjectDisposedException>(() => original.State.Slice(0, 1).Length);
    }
}
