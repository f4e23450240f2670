using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Contract;

/// <content>What a client tells about itself, and its end.</content>
public abstract partial class ChatClientContractTests
{
    [Fact]
    public void GetService_Metadata_NamesProviderAndModel()
    {
        ChatClientMetadata? metadata = Client.GetService<ChatClientMetadata>();
        Assert.NotNull(metadata);
        Assert.Equal(provider.ProviderName, metadata.ProviderName);
        Assert.Equal(provider.ModelName, metadata.DefaultModelId);
    }

    [Fact]
    public void GetService_TheClient_IsItself()
    {
        Assert.Same(Client, Client.GetService(typeof(IChatClient)));
        Assert.Same(Client, Client.GetService(Client.GetType()));
        Assert.Same(Client, Client.GetService(typeof(object)));
    }

    [Fact]
    public void GetService_UnknownOrKeyed_IsNull()
    {
        Assert.Null(Client.GetService(typeof(string)));
        Assert.Null(Client.GetService(typeof(IChatClient), "key"));
        Assert.Null(Client.GetService(typeof(ChatClientMetadata), "key"));
    }

    [Fact]
    public void GetService_NoType_IsAnArgumentError() => Assert.Throws<ArgumentNullException>(() => Client.GetService(null!));

    [Fact]
    public async Task Dispose_Twice_LaterCallsSayDisposed()
    {
        IChatClient client = provider.Create();
        IAsyncEnumerable<ChatResponseUpdate> begun = client.GetStreamingResponseAsync(Question, Greedy());
        client.Dispose();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync(Question, Greedy()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetStreamingResponseAsync(Question, Greedy()).CollectAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => begun.CollectAsync());
    }

    [Fact]
    public async Task Dispose_DuringAStream_EndsItByObjectDisposed()
    {
        IChatClient client = provider.Create();
        await using IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync(Question, Greedy(400))
            .GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.MoveNextAsync().AsTask());
    }
}
