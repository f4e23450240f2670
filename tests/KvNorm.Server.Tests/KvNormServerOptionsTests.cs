using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests;

public sealed class KvNormServerOptionsTests
{
    public static TheoryData<string, Action<KvNormServerOptions>> Wrong() => new()
    {
        { "models", static options => options.MaximumLoadedModels = 0 },
        { "body", static options => options.MaximumBodyBytes = 0 },
        { "body time", static options => options.BodyTimeout = TimeSpan.FromSeconds(-1) },
        { "messages", static options => options.MaximumMessages = 0 },
        { "tools", static options => options.MaximumTools = -1 },
        { "schema", static options => options.MaximumSchemaBytes = -1 },
        { "queue", static options => options.MaximumQueue = -1 },
        { "queue time", static options => options.QueueTimeout = TimeSpan.FromSeconds(-1) },
        { "load time", static options => options.LoadTimeout = TimeSpan.FromDays(100) },
        { "request time", static options => options.RequestTimeout = TimeSpan.FromDays(100) },
        { "key", static options => options.ApiKey = " " },
        { "folder", static options => options.ConversationFolder = "" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task MapKvNorm_WrongOptions_AreRefusedAtTheStart(string what, Action<KvNormServerOptions> configure)
    {
        Exception refusal = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => RunningServer.StartAsync(FakeChatClient.Saying(new TextContent(what)), configure));
        Assert.NotEmpty(refusal.Message);
    }
}
