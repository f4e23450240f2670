using KvNorm.Tests.Gguf;
using LLama;
using LLama.Common;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests;

public sealed class KvNormChatClientSharedWeightsTests : IDisposable
{
    private static readonly ChatMessage[] Hello = [new(ChatRole.User, "Say hello.")];
    private static readonly ChatOptions Short = new() { Temperature = 0, MaxOutputTokens = 6 };

    private readonly LLamaWeights _weights = LLamaWeights.LoadFromFile(new ModelParams(EmbeddedModel.Path));

    public void Dispose() => _weights.Dispose();

    [Fact]
    public async Task Create_WeightsOfTheApplication_AnswersLikeAClientOfItsOwn()
    {
        using KvNormChatClient own = KvNormChatClient.Create(Options()), shared = KvNormChatClient.Create(_weights, Options());
        Assert.Equal((await own.GetResponseAsync(Hello, Short)).Text, (await shared.GetResponseAsync(Hello, Short)).Text);
    }

    [Fact]
    public async Task Create_SeveralClients_ShareTheWeightsAndLeaveThem()
    {
        using (KvNormChatClient first = KvNormChatClient.Create(_weights, Options()), second = KvNormChatClient.Create(_weights, Options()))
        {
            Assert.Same(first.Model.Handle, second.Model.Handle);
            Assert.Same(_weights.NativeHandle, first.Model.Handle);
            ChatResponse[] answers = await Task.WhenAll(first.GetResponseAsync(Hello, Short), second.GetResponseAsync(Hello, Short));
            Assert.Equal(answers[0].Text, answers[1].Text);
        }

        Assert.False(_weights.NativeHandle.IsClosed);
        using KvNormChatClient third = KvNormChatClient.Create(_weights, Options());
        Assert.NotEmpty((await third.GetResponseAsync(Hello, Short)).Text);
    }

    [Fact]
    public async Task Create_WeightsDisposedOfFirst_KeepsThemUntilTheClientIs()
    {
        using (KvNormChatClient client = KvNormChatClient.Create(_weights, Options()))
        {
            _weights.Dispose();
            Assert.NotEmpty((await client.GetResponseAsync(Hello, Short)).Text);
            Assert.False(_weights.NativeHandle.IsClosed);
        }

        Assert.True(_weights.NativeHandle.IsClosed);
    }

    [Fact]
    public void Create_PathGiven_NamesTheModel()
    {
        using KvNormChatClient named = KvNormChatClient.Create(
            _weights, new KvNormChatOptions { ModelPath = EmbeddedModel.Path, KvCacheBudget = KvCacheBudget.FromCells(256) });
        using KvNormChatClient unnamed = KvNormChatClient.Create(_weights, Options());
        Assert.Equal(Path.GetFileNameWithoutExtension(EmbeddedModel.Path), named.GetRequiredService<ChatClientMetadata>().DefaultModelId);
        Assert.Equal(_weights.Metadata["general.name"], unnamed.GetRequiredService<ChatClientMetadata>().DefaultModelId);
    }

    [Fact]
    public async Task SaveConversationAsync_FileNotKnown_LoadsInThisProcess()
    {
        using KvNormChatClient first = KvNormChatClient.Create(_weights, Options());
        await first.GetResponseAsync(Hello, new ChatOptions { ConversationId = "a", MaxOutputTokens = 4 });
        using MemoryStream saved = new();
        await first.SaveConversationAsync("a", saved);
        saved.Position = 0;
        Assert.Equal(2, (await first.LoadConversationAsync("b", saved)).Count);
    }

    private static KvNormChatOptions Options() => new() { KvCacheBudget = KvCacheBudget.FromCells(256), Threads = 1 };
}
