using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class ParkedConversationsTests
{
    private const int Each = 100 + (4 * 25); // bytes of a conversation of 25 tokens

    [Fact]
    public void Add_MoreThanAllowed_GivesUpTheLeastRecent()
    {
        using ParkedConversations parked = new(2 * Each);
        ConversationSnapshot[] conversations = [Conversation(0), Conversation(100), Conversation(200)];
        foreach (ConversationSnapshot conversation in conversations)
            parked.Add(conversation);
        Assert.Equal((2, 2L * Each), parked.Size);
        Assert.True(conversations[0].State.IsClosed);
        Assert.Null(parked.Find(conversations[0].Tokens));
        Assert.Same(conversations[1], parked.Find([.. conversations[1].Tokens, 1]));
    }

    [Fact]
    public void Add_LargerThanAllowed_IsGivenUpItself()
    {
        using ParkedConversations parked = new(Each - 1);
        ConversationSnapshot conversation = Conversation(0);
        Assert.False(parked.Takes(conversation.Bytes));
        parked.Add(conversation);
        Assert.Equal((0, 0L), parked.Size);
        Assert.True(conversation.State.IsClosed);
    }

    [Theory]
    [InlineData(Each, true)]
    [InlineData(Each + 1, false)]
    public void Takes_Bytes_IsAboutTheWholeBound(long bytes, bool expected)
    {
        using ParkedConversations parked = new(Each);
        Assert.Equal(expected, parked.Takes(bytes));
    }

    [Fact]
    public void Find_SeveralBegin_IsTheOneThatGoesFurthest()
    {
        using ParkedConversations parked = new(10 * Each);
        ConversationSnapshot shorter = SnapshotSample.Whole([1, 2, 3, 9]), longer = SnapshotSample.Whole([1, 2, 3, 4, 5]);
        parked.Add(shorter);
        parked.Add(longer);
        Assert.Same(longer, parked.Find([1, 2, 3, 4, 7, 8]));
        Assert.Same(shorter, parked.Find([1, 2, 3, 9, 7, 8]));
        Assert.Null(parked.Find([5, 6]));
    }

    [Fact]
    public void Remove_Conversation_IsTheCallers()
    {
        ParkedConversations parked = new(10 * Each);
        ConversationSnapshot conversation = Conversation(0), other = Conversation(50);
        parked.Add(conversation);
        parked.Add(other);
        Assert.Same(conversation, parked.Remove(conversation));
        Assert.Equal((1, (long)Each), parked.Size);
        parked.Dispose();
        Assert.True(other.State.IsClosed);
        Assert.False(conversation.State.IsClosed);
        conversation.Dispose();
    }

    [Fact]
    public void Add_ALittleLargerThanAllowed_LeavesTheOthersParked()
    {
        using ParkedConversations parked = new(450);
        ConversationSnapshot small = SnapshotSample.Whole([1, 2, 3]);
        ConversationSnapshot large = SnapshotSample.Whole([.. Enumerable.Range(0, 25)], stateBytes: 400);
        Assert.True(parked.Takes(large.State.Length)); // what the pool asks
        parked.Add(small);
        parked.Add(large);
        Assert.Equal(1, parked.Size.Count);
        Assert.True(large.State.IsClosed);
    }

    private static ConversationSnapshot Conversation(int start) => SnapshotSample.Whole([.. Enumerable.Range(start, 25)]);
}
