using System.Text;
using KvNorm.Chat.Conversations;
using KvNorm.Tests.KvCache.Slots;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Conversations;

/// <summary>What stands in the parts of a file whose checksum is right.</summary>
public sealed class ConversationContentsTests
{
    [Theory]
    [InlineData("""[null]""")]
    [InlineData("""[{"role":"user","contents":[null]}]""")]
    [InlineData("""[{"role":"","contents":[]}]""")]
    [InlineData("""[{"role":"user","contents":[{"$type":"data","uri":"x"}]}]""")]
    [InlineData("""[{"role":"user","contents":[{"$type":"data","uri":"data:x"}]}]""")]
    [InlineData("""[{"role":"user","contents":[{"$type":"data","uri":"data:;base64,@@@"}]}]""")]
    [InlineData("""[{"role":"user","contents":[{"$type":"uri","uri":"http://localhost/","mediaType":""}]}]""")]
    [InlineData("""[{"role":"assistant","contents":[{"$type":"functionCall","callId":null,"name":"f"}]}]""")]
    [InlineData("""[{"role":"assistant","contents":[{"$type":"another"}]}]""")]
    [InlineData("""{}""")]
    public void Unpack_MessagesThatAreNone_AreRefused(string json)
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256));
        using ConversationContents contents = new(Encoding.UTF8.GetBytes(json), [], [], null, 0, 0);
        Assert.Throws<ConversationFileException>(() => contents.Unpack(fixture.Pool.Plan, layout: null));
    }

    [Fact]
    public void Unpack_MoreMessagesThanAnyConversationHas_AreRefusedWithoutTheMemory()
    {
        byte[] json = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("{}", 2 << 20))}]");
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256));
        using ConversationContents contents = new(json, [], [], null, 0, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ConversationFileException>(() => contents.Unpack(fixture.Pool.Plan, layout: null));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Of_MoreMessagesThanAreReadAgain_IsRefused()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256));
        StoredConversation conversation = new("a") { Messages = [.. Enumerable.Repeat(new ChatMessage(ChatRole.User, "a"), 400_000)] };
        Assert.Throws<ConversationFileException>(() => ConversationContents.Of(conversation, snapshot: null, fixture.Pool.Plan));
    }

    [Fact]
    public void Unpack_Messages_ComeBack()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256));
        using ConversationContents contents = new("""[{"role":"user","contents":[{"$type":"text","text":"a"}]}]"""u8.ToArray(), [], [], null, 0, 0);
        ChatMessage message = Assert.Single(contents.Unpack(fixture.Pool.Plan, layout: null).Messages);
        Assert.Equal((ChatRole.User, "a"), (message.Role, message.Text));
    }
}
