using KvNorm.Hosting;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Recall;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KvNorm.Tests;

public sealed class KvNormServiceCollectionExtensionsTests
{
    [Fact]
    public async Task AddKvNormChat_Plain_GivesOneClientThatAnswers()
    {
        await using ServiceProvider provider = Services(services => services.AddKvNormChat(Configure(300)));
        IChatClient client = provider.GetRequiredService<IChatClient>();
        Assert.Same(client, provider.GetRequiredService<IChatClient>());
        Assert.Equal(300, Capacity(client));
        Assert.Equal(2, (await client.GetResponseAsync("hello", TestClient.Greedy(2))).Usage!.OutputTokenCount);
    }

    [Fact]
    public void AddKvNormChat_NoConfiguration_IsTheEmbeddedModel()
    {
        using ServiceProvider provider = Services(services => services.AddKvNormChat());
        Assert.Equal(
            TestClient.EmbeddedName, provider.GetRequiredService<IChatClient>().GetRequiredService<ChatClientMetadata>().DefaultModelId);
    }

    [Fact]
    public void AddKvNormChat_WhatFollows_StandsBeforeTheClient()
    {
        using ServiceProvider provider = Services(services => services.AddKvNormChat(Configure(100)).UseFunctionInvocation());
        IChatClient client = provider.GetRequiredService<IChatClient>();
        Assert.IsType<FunctionInvokingChatClient>(client);
        Assert.NotNull(client.GetService<KvNormChatClient>());
    }

    [Fact]
    public void AddKvNormChat_Twice_LoadsOneModel()
    {
        using ServiceProvider provider = Services(services =>
        {
            services.AddKvNormChat(Configure(100));
            services.AddKvNormChat(options => options.Slots = 2).UseFunctionInvocation();
        });
        KvNormChatClient[] clients = [.. provider.GetServices<IChatClient>()
            .Select(client => client.GetRequiredService<KvNormChatClient>())];
        Assert.Equal(2, clients.Length);
        Assert.Same(clients[0], clients[1]);
        Assert.Equal(2, clients[0].Statistics.Slots);
    }

    [Fact]
    public void AddKvNormChat_Configuration_SetsTheOptions()
    {
        IConfiguration section = Section(("KvCacheBudget", "200 cells"), ("ModelPath", TinyModel.Write()), ("Threads", "1"));
        using ServiceProvider provider = Services(services => services.AddKvNormChat(section));
        Assert.Equal(200, Capacity(provider.GetRequiredService<IChatClient>()));
    }

    [Fact]
    public void AddKvNormChat_ConfigureOfTheApplication_ReachesTheOptions()
    {
        using ServiceProvider provider = Services(services =>
        {
            services.AddKvNormChat(Configure(200));
            services.Configure<KvNormChatOptions>(options => options.KvCacheBudget = KvCacheBudget.FromCells(150));
        });
        Assert.Equal(150, Capacity(provider.GetRequiredService<IChatClient>()));
    }

    [Fact]
    public void AddKeyedKvNormChat_OneKey_IsAlsoTheOneWithoutKey()
    {
        using ServiceProvider provider = Services(services => services.AddKeyedKvNormChat("local", Configure(300)).UseFunctionInvocation());
        IChatClient client = provider.GetRequiredKeyedService<IChatClient>("local");
        Assert.Same(client, provider.GetRequiredService<IChatClient>());
        Assert.Null(provider.GetKeyedService<IChatClient>("other"));
    }

    [Fact]
    public void AddKeyedKvNormChat_TwoKeys_AreTwoClientsAndTheFirstIsTheOneWithoutKey()
    {
        using ServiceProvider provider = Services(services =>
        {
            services.AddKeyedKvNormChat("small", Configure(100));
            services.AddKeyedKvNormChat("large", Configure(200));
            services.Configure<KvNormChatOptions>("large", options => options.KvCacheBudget = KvCacheBudget.FromCells(400));
        });
        Assert.Equal(100, Capacity(provider.GetRequiredKeyedService<IChatClient>("small")));
        Assert.Equal(400, Capacity(provider.GetRequiredKeyedService<IChatClient>("large")));
        Assert.Equal(100, Capacity(provider.GetRequiredService<IChatClient>()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AddKvNormChat_BesideAKeyedOne_IsAClientOfItsOwn(bool keyedFirst)
    {
        using ServiceProvider provider = Services(services =>
        {
            if (keyedFirst)
                services.AddKeyedKvNormChat("small", Configure(100));
            services.AddKvNormChat(Configure(300));
            if (!keyedFirst)
                services.AddKeyedKvNormChat("small", Configure(100));
        });
        Assert.Equal(300, Capacity(provider.GetRequiredService<IChatClient>()));
        Assert.Equal(100, Capacity(provider.GetRequiredKeyedService<IChatClient>("small")));
        Assert.Same(
            provider.GetRequiredService<IChatClient>().GetService<KvNormChatClient>(),
            provider.GetRequiredService<ChatClientLoader>().Load());
    }

    [Fact]
    public void AddKeyedKvNormChat_BesideAnotherClient_LeavesThatTheOneWithoutKey()
    {
        SilentChatClient other = new();
        using ServiceProvider provider = Services(
            services => services.AddSingleton<IChatClient>(other).AddKeyedKvNormChat("local", Configure(100)));
        Assert.Same(other, provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public async Task AddKeyedKvNormChat_ProviderDisposed_DisposesTheClient()
    {
        ServiceProvider provider = Services(services => services.AddKeyedKvNormChat("local", Configure(100)));
        IChatClient keyed = provider.GetRequiredKeyedService<IChatClient>("local");
        _ = provider.GetRequiredService<IChatClient>();
        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => keyed.GetResponseAsync("hello"));
    }

    [Fact]
    public void AddKvNormChat_MissingModel_FailsWhenTheClientIsAskedForAndIsTriedAgain()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        using ServiceProvider provider = Services(services => services.AddKvNormChat(options =>
        {
            Configure(100)(options);
            options.ModelPath = path;
        }));
        Assert.Throws<FileNotFoundException>(() => provider.GetRequiredService<IChatClient>());
        File.Copy(TinyModel.Write(), path);
        Assert.Equal(100, Capacity(provider.GetRequiredService<IChatClient>()));
        File.Delete(path);
    }

    [Theory]
    [InlineData("Slots")]
    [InlineData("The marks must be")]
    public async Task AddKvNormChat_WrongOptions_FailTheStartOfTheHost(string sentence)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddKeyedKvNormChat("local", options =>
        {
            options.Slots = sentence == "Slots" ? 0 : 1;
            options.KvCacheBudget = options.KvCacheBudget with { LowMark = sentence == "Slots" ? 0.5 : 2 };
        });
        using IHost host = builder.Build();
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.StartsWith($"The KvNorm chat options of 'local' are wrong: {sentence}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddKvNormChat_UnknownKey_FailsTheStartOfTheHostByItsName()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddKvNormChat(Section(("Bugdet", "48MiB")));
        using IHost host = builder.Build();
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());
        Assert.Contains("'Bugdet'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddKvNormChat_Nulls_AreArgumentErrors()
    {
        ServiceCollection services = new();
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddKvNormChat());
        Assert.Throws<ArgumentNullException>(() => services.AddKvNormChat((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>(() => services.AddKeyedKvNormChat(serviceKey: null!));
        Assert.Throws<ArgumentNullException>(() => services.AddKeyedKvNormChat("key", (IConfiguration)null!));
        Assert.Throws<ArgumentNullException>(() => ((IHostApplicationBuilder)null!).AddKvNormChat());
        Assert.Empty(services);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)] // without recall there is nothing to embed
    public async Task AddKvNormChat_RegisteredEmbeddingGenerator_TellsWhatIsRecalledWhereItMay(bool recall, bool use, bool expected)
    {
        using WordVectors generator = new();
        await using ServiceProvider provider = Services(services =>
        {
            services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(generator);
            services.AddKvNormChat(Configure(256));
            services.Configure<KvNormChatOptions>(options => (options.Recall, options.UseRegisteredEmbeddings) = (recall, use));
        });
        ChatMessage[] messages = [new(ChatRole.User, string.Concat(Enumerable.Repeat("abcdefghi. ", 50)))];
        await provider.GetRequiredService<IChatClient>().GetResponseAsync(messages, TestClient.Greedy(1));
        Assert.Equal(expected, generator.Requests.Count > 0); // the question itself, since something has to go for it
        Assert.Null(provider.GetRequiredService<IOptions<KvNormChatOptions>>().Value.EmbeddingGenerator);
    }

    private static ServiceProvider Services(Action<IServiceCollection> add)
    {
        ServiceCollection services = new();
        add(services);
        return services.BuildServiceProvider();
    }

    private static IConfiguration Section(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    private static Action<KvNormChatOptions> Configure(int cells) => options =>
        (options.ModelPath, options.KvCacheBudget, options.Threads) = (TinyModel.Write(), KvCacheBudget.FromCells(cells), 1);

    private static int Capacity(IChatClient client) => client.GetRequiredService<KvCacheStatistics>().Capacity;
}
