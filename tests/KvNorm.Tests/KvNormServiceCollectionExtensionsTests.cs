using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace KvNorm.Tests;

public sealed class KvNormServiceCollectionExtensionsTests
{
    [Fact]
    public async Task AddKvNormChat_Plain_GivesOneClientThatAnswers()
    {
        await using ServiceProvider provider = new ServiceCollection().AddKvNormChat(Configure(300)).BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        Assert.Same(client, provider.GetRequiredService<IChatClient>());
        Assert.Equal(300, client.GetRequiredService<KvCacheStatistics>().Capacity);
        Assert.Equal(2, (await client.GetResponseAsync("hello", TestClient.Greedy(2))).Usage!.OutputTokenCount);
    }

    [Fact]
    public void AddKvNormChat_NoConfiguration_IsTheEmbeddedModel()
    {
        using ServiceProvider provider = new ServiceCollection().AddKvNormChat().BuildServiceProvider();
        Assert.Equal(TestClient.EmbeddedName, provider.GetRequiredService<IChatClient>().GetRequiredService<ChatClientMetadata>().DefaultModelId);
    }

    [Fact]
    public void AddKvNormChat_Keyed_IsAlsoTheOneWithoutKey()
    {
        using ServiceProvider provider = new ServiceCollection().AddKvNormChat("local", Configure(300)).BuildServiceProvider();
        IChatClient client = provider.GetRequiredKeyedService<IChatClient>("local");
        Assert.Same(client, provider.GetRequiredService<IChatClient>());
        Assert.Null(provider.GetKeyedService<IChatClient>("other"));
    }

    [Fact]
    public void AddKvNormChat_TwoKeys_AreTwoClientsAndTheFirstIsTheOneWithoutKey()
    {
        using ServiceProvider provider = new ServiceCollection().AddKvNormChat("small", Configure(100)).AddKvNormChat("large", Configure(400)).BuildServiceProvider();
        Assert.Equal(100, Capacity(provider.GetRequiredKeyedService<IChatClient>("small")));
        Assert.Equal(400, Capacity(provider.GetRequiredKeyedService<IChatClient>("large")));
        Assert.Equal(100, Capacity(provider.GetRequiredService<IChatClient>()));
    }

    [Fact]
    public void AddKvNormChat_KeyedBesideAnotherClient_LeavesThatTheOneWithoutKey()
    {
        SilentChatClient other = new();
        using ServiceProvider provider = new ServiceCollection().AddSingleton<IChatClient>(other).AddKvNormChat("local", Configure(100)).BuildServiceProvider();
        Assert.Same(other, provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void AddKvNormChat_Client_IsMadeWhenFirstAskedFor()
    {
        int made = 0;
        using ServiceProvider provider = new ServiceCollection().AddKvNormChat(options =>
        {
            made++;
            Configure(100)(options);
        }).BuildServiceProvider();
        Assert.Equal(0, made);
        _ = provider.GetRequiredService<IChatClient>();
        _ = provider.GetRequiredService<IChatClient>();
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task AddKvNormChat_ProviderDisposed_DisposesTheClient()
    {
        ServiceProvider provider = new ServiceCollection().AddKvNormChat("local", Configure(100)).BuildServiceProvider();
        IChatClient keyed = provider.GetRequiredKeyedService<IChatClient>("local");
        _ = provider.GetRequiredService<IChatClient>();
        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => keyed.GetResponseAsync("hello"));
    }

    // Semantic Kernel's builder shows its services only through a property.
    [Fact]
    public void AddKvNormChat_OnTheServicesOfABuilder_WorksAsThere()
    {
        KernelBuilder builder = new();
        builder.Services.AddKvNormChat(Configure(100)).AddKvNormChat("service", Configure(200));
        using ServiceProvider provider = builder.Services.BuildServiceProvider();
        Assert.Equal(100, Capacity(provider.GetRequiredService<IChatClient>()));
        Assert.Equal(200, Capacity(provider.GetRequiredKeyedService<IChatClient>("service")));
        Assert.NotNull(provider.GetRequiredService<IChatClient>().GetService<ChatClientMetadata>());
    }

    [Fact]
    public void AddKvNormChat_WrongOptions_FailWhenTheClientIsAskedFor()
    {
        using ServiceProvider provider = new ServiceCollection().AddKvNormChat(options => options.ModelPath = "/no/such/model.gguf").BuildServiceProvider();
        Assert.Throws<FileNotFoundException>(() => provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void AddKvNormChat_Nulls_AreArgumentErrors()
    {
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddKvNormChat());
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddKvNormChat(serviceKey: null!));
    }

    private static Action<KvNormChatOptions> Configure(int cells) => options =>
        (options.ModelPath, options.KvCacheBudget, options.Threads) = (TinyModel.Write(), KvCacheBudget.FromCells(cells), 1);

    private static int Capacity(IChatClient client) => client.GetRequiredService<KvCacheStatistics>().Capacity;

    private sealed class KernelBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();
    }
}
