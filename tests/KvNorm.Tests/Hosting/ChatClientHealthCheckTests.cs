using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace KvNorm.Tests.Hosting;

public sealed class ChatClientHealthCheckTests
{
    [Fact]
    public async Task CheckHealth_BeforeAndAfterTheLoad_IsDegradedThenHealthyWithData()
    {
        using IHost host = Build(options => (options.ModelPath, options.KvCacheBudget) = (TinyModel.Write(), KvCacheBudget.FromCells(100)));
        HealthReportEntry before = await CheckAsync(host);
        Assert.Equal((HealthStatus.Degraded, "The model is loaded when it is first asked for."), (before.Status, before.Description));
        using IChatClient client = host.Services.GetRequiredService<IChatClient>();
        HealthReportEntry after = await CheckAsync(host);
        Assert.Equal(HealthStatus.Healthy, after.Status);
        Assert.Equal(client.GetRequiredService<ChatClientMetadata>().DefaultModelId, after.Data["model"]);
        Assert.Equal((0, 100), (after.Data["cells"], after.Data["capacity"]));
    }

    [Fact]
    public async Task CheckHealth_LoadFailed_IsUnhealthyWithTheReason()
    {
        using IHost host = Build(options => options.ModelPath = "/no/such/model.gguf");
        Assert.Throws<FileNotFoundException>(() => host.Services.GetRequiredService<IChatClient>());
        HealthReportEntry entry = await CheckAsync(host);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.IsType<FileNotFoundException>(entry.Exception);
        Assert.Contains("/no/such/model.gguf", entry.Description, StringComparison.Ordinal);
        Assert.Equal("model", entry.Data["model"]);
    }

    [Fact]
    public async Task LoadAtStart_HostStarted_LoadsInTheBackground()
    {
        using IHost host = Build(options =>
            (options.ModelPath, options.KvCacheBudget, options.LoadAtStart) = (TinyModel.Write(), KvCacheBudget.FromCells(100), true));
        await host.StartAsync();
        await UntilAsync(host, HealthStatus.Healthy);
        await host.StopAsync();
    }

    [Fact]
    public async Task LoadAtStart_LoadFails_TheHostRunsOnAndSaysSo()
    {
        using IHost host = Build(options => (options.ModelPath, options.LoadAtStart) = ("/no/such/model.gguf", true));
        await host.StartAsync();
        await UntilAsync(host, HealthStatus.Unhealthy);
        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        await host.StopAsync();
    }

    [Fact]
    public async Task LoadAtStart_NeverAskedForAndDisposed_DisposesOfTheClient()
    {
        IHost host = Build(
            options =>
                (options.ModelPath, options.KvCacheBudget, options.LoadAtStart) = (TinyModel.Write(), KvCacheBudget.FromCells(100), true));
        await host.StartAsync();
        await UntilAsync(host, HealthStatus.Healthy);
        KvNormChatClient client = host.Services.GetRequiredService<KvNorm.Hosting.ChatClientLoader>().Load();
        host.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("hello"));
    }

    [Fact]
    public async Task AddKvNormChat_WithKey_ChecksThatClient()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddKvNormChat(options => options.ModelPath = "/one.gguf");
        builder.AddKeyedKvNormChat("two", options => options.ModelPath = "/two.gguf");
        builder.Services.AddHealthChecks().AddKvNormChat().AddKvNormChat("two", failureStatus: HealthStatus.Degraded, tags: ["ready"]);
        builder.Services.AddLogging();
        using IHost host = builder.Build();
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(2, report.Entries.Count);
        Assert.Equal(("one", HealthStatus.Degraded), (report.Entries["kvnorm"].Data["model"], report.Entries["kvnorm"].Status));
        Assert.Equal("two", report.Entries["kvnorm-two"].Data["model"]);
        Assert.Equal("ready", Assert.Single(report.Entries["kvnorm-two"].Tags));
    }

    private static IHost Build(Action<KvNormChatOptions> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddKvNormChat(options =>
        {
            options.Threads = 1;
            configure(options);
        });
        builder.Services.AddHealthChecks().AddKvNormChat();
        return builder.Build();
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["kvnorm"];

    private static async Task UntilAsync(IHost host, HealthStatus status)
    {
        while ((await CheckAsync(host)).Status != status)
            await Task.Delay(TimeSpan.FromMilliseconds(20));
    }
}
