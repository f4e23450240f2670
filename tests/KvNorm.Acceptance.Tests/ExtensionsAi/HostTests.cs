using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>A client that a host makes and disposes of.</summary>
public sealed class HostTests
{
    private readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(null);

    [Fact]
    public async Task Host_Client_IsOneAndDisposedOfWithTheHost()
    {
        _builder.Services.AddKvNormChat(Small);
        IHost host = _builder.Build();
        await host.StartAsync();
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        Assert.Same(client, host.Services.GetRequiredService<IChatClient>());
        Assert.NotEmpty(await client.AnswerAsync([User("Hi.")], 2));
        await host.StopAsync();
        host.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync([User("Hi.")], TestClient.Greedy(2)));
    }

    [Fact]
    public async Task Host_PipelineOverTheClient_InvokesFunctionsWithTheHostsServices()
    {
        _builder.Services.AddSingleton("a service of the host");
        _builder.Services.AddKvNormChat(Small)
            .UseOneRoundInvocation()
            .UseOpenTelemetry();
        using IHost host = _builder.Build();
        ChatOptions options = new Lamp().Forced();
        options.Tools = [AIFunctionFactory.Create((IServiceProvider services) => services.GetRequiredService<string>(), Lamp.FunctionName)];
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        ChatResponse response = await client.GetResponseAsync([User("Switch on the lamp.")], options);
        FunctionResultContent result = Assert.Single(response.Messages.Contents<FunctionResultContent>());
        Assert.Equal("a service of the host", result.Result?.ToString());
    }

    [Fact]
    public void Host_OptionsFromConfiguration_AreThoseOfTheClient()
    {
        _builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Chat:KvCacheBudget"] = "768cells",
            ["Chat:Policy"] = "keynorm",
            ["Chat:Slots"] = "2",
            ["Chat:Threads"] = "1",
        });
        _builder.Services.AddKvNormChat(_builder.Configuration.GetSection("Chat"));
        using IHost host = _builder.Build();
        KvNormChatOptions options = host.Services.GetRequiredService<IOptions<KvNormChatOptions>>().Value;
        Assert.Equal(("keynorm", 2, 1), (options.Policy.Name, options.Slots, options.Threads));
        Assert.Equal(768, host.Services.GetRequiredService<IChatClient>().GetRequiredService<KvCacheStatistics>().Capacity);
    }

    [Fact]
    public async Task Host_UnknownValueInConfiguration_IsAnErrorAtStart()
    {
        _builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Chat:Policy"] = "best" });
        _builder.Services.AddKvNormChat(_builder.Configuration.GetSection("Chat"));
        using IHost host = _builder.Build();
        Exception e = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains("best", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_Configure_ReachesTheClient()
    {
        _builder.Services.AddKvNormChat();
        _builder.Services.Configure<KvNormChatOptions>(Small);
        using IHost host = _builder.Build();
        Assert.Equal(512, host.Services.GetRequiredService<IChatClient>().GetRequiredService<KvCacheStatistics>().Capacity);
    }

    private static void Small(KvNormChatOptions options) => (options.KvCacheBudget, options.Threads) = (KvCacheBudget.FromCells(512), 1);
}
