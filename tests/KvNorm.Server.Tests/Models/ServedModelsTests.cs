using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using KvNorm.Server.Completions;
using KvNorm.Server.Conversations;
using KvNorm.Server.Responses;
using KvNorm.Tests.Gguf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace KvNorm.Server.Tests.Models;

/// <summary>Models that are loaded when they are asked for, and given up for others.</summary>
public sealed class ServedModelsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kvnorm-server-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task UseAsync_ModelIsBeingLoaded_SaysWhenToComeBack()
    {
        using ManualResetEventSlim loaded = new();
        await using RunningServer server = await RunningServer.StartAsync(
            static options => options.LoadTimeout = TimeSpan.FromMilliseconds(50),
            services => services.AddSingleton<IChatClient>(_ =>
            {
                loaded.Wait();
                return FakeChatClient.Saying(new TextContent("hi"));
            }));
        using HttpResponseMessage refused = await AskAsync(server, "fake");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("model_loading", await CodeAsync(refused));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "loading"), await HealthAsync(server));
        using HttpResponseMessage health = await server.Http.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        loaded.Set();
        while (await HealthAsync(server) is not (HttpStatusCode.OK, "ready"))
            await Task.Delay(10);
        Assert.Equal("fake", (await server.GetAsync("/v1/models")).GetProperty("data")[0].GetProperty("id").GetString());
        Assert.Equal("live", (await server.GetAsync("/health/live")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task UseAsync_SeveralModels_AreLoadedByNameAndTheLeastRecentlyUsedGoes()
    {
        string[] names = ["one", "two", "three"];
        await using RunningServer server = await StartAsync(maximumLoaded: 2, names);
        JsonElement list = (await server.GetAsync("/v1/models")).GetProperty("data");
        Assert.Equal(names, list.EnumerateArray().Select(static model => model.GetProperty("id").GetString()!), StringComparer.Ordinal);
        foreach (string name in new[] { "one", "two", "one", "three", "one" })
        {
            using HttpResponseMessage response = await AskAsync(server, name);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(name, (await RunningServer.ReadAsync(response)).GetProperty("model").GetString());
        }

        const string log = "KvNorm.Server Information: Model ";
        IEnumerable<string> events = server.Log.Lines
            .Where(static line => line.StartsWith(log, StringComparison.Ordinal))
            .Select(static line => line[log.Length..].Trim());
        Assert.Equal(
            ["one is loaded.", "two is loaded.", "two is given up for another one.", "three is loaded."], events, StringComparer.Ordinal);
    }

    [Fact]
    public async Task UseLoaded_ModelThatIsNotLoaded_IsNotLoadedToBeLookedAt()
    {
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one", "two"]);
        (await AskAsync(server, "two")).Dispose();
        Assert.Equal("two", (await server.GetAsync("/api/conversations")).GetProperty("model").GetString());
        Assert.Equal((HttpStatusCode.OK, "ready"), await HealthAsync(server)); // though the first one was given up
        using HttpResponseMessage other = await server.Http.GetAsync(new Uri("/api/conversations?model=one", UriKind.Relative));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "model_not_loaded"), (other.StatusCode, await CodeAsync(other)));
        using HttpResponseMessage unknown = await server.Http.GetAsync(new Uri("/api/conversations?model=three", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task UseAsync_AllModelsInUse_SaysWhenToComeBack()
    {
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one", "two"]);
        using HttpResponseMessage running = await server.BeginEndlessAsync();
        using HttpResponseMessage refused = await AskAsync(server, "two");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "models_in_use"), (refused.StatusCode, await CodeAsync(refused)));
    }

    [Fact]
    public async Task UseAsync_ModelFileVanishes_FailsThatModelUntilItIsBack()
    {
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one", "two"]);
        (await AskAsync(server, "one")).Dispose();
        string path = Path.Combine(_folder, "two.gguf"), away = path + ".away";
        File.Move(path, away);
        using HttpResponseMessage failed = await AskAsync(server, "two");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "model_failed"), (failed.StatusCode, await CodeAsync(failed)));
        Assert.DoesNotContain(_folder, await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        File.Move(away, path);
        using HttpResponseMessage back = await AskAsync(server, "two");
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
    }

    [Fact]
    public async Task LoadAsync_FileIsGoneOrDamaged_LeavesTheOneThatIsLoaded()
    {
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one", "two"]);
        (await AskAsync(server, "one")).Dispose();
        string path = Path.Combine(_folder, "two.gguf");
        foreach (Action harm in (Action[])[() => File.WriteAllText(path, "no model"), () => File.Delete(path)])
        {
            harm();
            using HttpResponseMessage failed = await AskAsync(server, "two");
            Assert.Equal("model_failed", await CodeAsync(failed));
        }

        Assert.Equal("one", (await server.GetAsync("/api/conversations")).GetProperty("model").GetString());
        Assert.DoesNotContain(server.Log.Lines, static line => line.Contains("is given up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LoadAsync_FailsWithTheOnlyPlaceMadeFree_LoadsTheOneBeforeAgain()
    {
        await using RunningServer server = await StartAsync(
            maximumLoaded: 1, ["one", "two"], static options => options.Models[1].KvCacheBudget = KvCacheBudget.Parse("1KiB"));
        (await AskAsync(server, "one")).Dispose();
        using HttpResponseMessage failed = await AskAsync(server, "two");
        Assert.Equal("model_failed", await CodeAsync(failed));
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20)); // less than until the first model is tried again
        while (await HealthAsync(server) is not (HttpStatusCode.OK, "ready"))
            await Task.Delay(10, patience.Token);
        Assert.Equal("one", (await server.GetAsync("/api/conversations")).GetProperty("model").GetString());
    }

    [Fact]
    public async Task UseAsync_SeveralWaitForALoadThatFails_ShareIt()
    {
        int loads = 0;
        using ManualResetEventSlim end = new();
        await using RunningServer server = await RunningServer.StartAsync(
            static options => options.LoadTimeout = TimeSpan.FromMilliseconds(50),
            services => services.AddSingleton<IChatClient>(_ =>
            {
                Interlocked.Increment(ref loads);
                end.Wait();
                throw new InvalidOperationException("It cannot be loaded.");
            }));
        for (int request = 0; request < 3; request++)
            (await AskAsync(server, "fake")).Dispose(); // each has left the wait by then
        end.Set();
        while (await HealthAsync(server) is not (HttpStatusCode.ServiceUnavailable, "failed"))
            await Task.Delay(10);
        while (Volatile.Read(ref loads) < 2)
            (await AskAsync(server, "fake")).Dispose(); // loads come in order: this one after any that those before began
        Assert.Equal(2, Volatile.Read(ref loads));
    }

    [Theory]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", HttpStatusCode.Forbidden)] // there is no folder for conversations
    public async Task LoadConversation_RequestThatIsRefused_LoadsNoModel(string type, HttpStatusCode status)
    {
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one", "two"]);
        (await AskAsync(server, "one")).Dispose();
        using StringContent body = new("", System.Text.Encoding.UTF8, type);
        using HttpResponseMessage refused = await server.Http.PostAsync(
            new Uri("/api/conversations/talk/load?model=two", UriKind.Relative), body);
        Assert.Equal(status, refused.StatusCode);
        Assert.Equal("one", (await server.GetAsync("/api/conversations")).GetProperty("model").GetString());
    }

    [Fact]
    public async Task LoadConversation_NoModelIsNamed_IsThatUsedLast()
    {
        await using RunningServer server = await StartAsync(
            maximumLoaded: 1, ["one", "two"], options => options.ConversationFolder = Path.Combine(_folder, "saved"));
        using HttpResponseMessage answer = await server.PostAsync(
            "/v1/chat/completions", """{"model":"two","user":"talk","max_tokens":2,"messages":[{"role":"user","content":"a"}]}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (string what in new[] { "save", "load" })
        {
            using HttpResponseMessage done = await server.PostAsync($"/api/conversations/talk/{what}", "");
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        }

        JsonElement cache = await server.GetAsync("/api/conversations");
        Assert.Equal("two", cache.GetProperty("model").GetString());
        Assert.Contains(cache.GetProperty("conversations").EnumerateArray(), static one => one.GetProperty("id").GetString() == "talk");
    }

    [Fact]
    public async Task AnswerAsync_ContentOfMessagesIsToBeCaptured_IsNotTraced()
    {
        ConcurrentQueue<string> traced = [];
        using ActivityListener listener = Listen(traced);
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one"]);
        await server.CompleteAsync("""{"max_tokens":2,"messages":[{"role":"user","content":"private words"}]}""");
        Assert.Contains(traced, static one => one.Contains("gen_ai.request.model", StringComparison.Ordinal));
        Assert.DoesNotContain(traced, static one => one.Contains("private words", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnswerAsync_ValueThatTheClientRefuses_IsNeitherLoggedNorTraced()
    {
        ConcurrentQueue<string> traced = [];
        using ActivityListener listener = Listen(traced);
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one"]);
        foreach (string stream in new[] { "true", "false" })
        {
            using HttpResponseMessage refused = await server.PostAsync(
                "/v1/chat/completions", $$"""{"stream":{{stream}},"min_p":7.654321,"messages":[{"role":"user","content":"a"}]}""");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            JsonElement error = (await RunningServer.ReadAsync(refused)).GetProperty("error");
            Assert.Equal("min_p", error.GetProperty("param").GetString());
            Assert.Equal( // who sent it is told
                "'min_p' is '7.654321', which is not a number from 0 to 1.", error.GetProperty("message").GetString());
        }

        Assert.DoesNotContain(server.Log.Lines, static line => line.Contains("7.654321", StringComparison.Ordinal));
        Assert.Contains(traced, static one => one.Contains("UntoldException", StringComparison.Ordinal));
        Assert.DoesNotContain(traced, static one => one.Contains("7.654321", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LoadAsync_BudgetThatIsTooSmall_IsToldInOneLine()
    {
        await using RunningServer server = await RunningServer.StartAsync(static options =>
        {
            KvNormChatOptions model = TinyServer.Options();
            model.KvCacheBudget = KvCacheBudget.Parse("1KiB");
            options.Models.Add(model);
        });
        using HttpResponseMessage refused = await AskAsync(server, Path.GetFileNameWithoutExtension(TinyModel.Write()));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "model_failed"), (refused.StatusCode, await CodeAsync(refused)));
        string[] failures = [.. server.Log.Lines.Where(static line => line.Contains("could not be loaded", StringComparison.Ordinal))];
        Assert.NotEmpty(failures);
        Assert.All(failures, static line => Assert.Contains("minimum budget", line, StringComparison.Ordinal));
        Assert.All(failures, static line => Assert.DoesNotContain("   at ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnswerAsync_ClientThatDoesNotRead_LeavesTheModelToOthers()
    {
        await using RunningServer server = await StartAsync(maximumLoaded: 1, ["one", "two"]);
        ConversationEndpoints conversations = server.Services.GetRequiredService<ConversationEndpoints>();
        CompletionEndpoint completions = server.Services.GetRequiredService<CompletionEndpoint>();
        ResponseEndpoints responses = server.Services.GetRequiredService<ResponseEndpoints>();
        const string message = "\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}";
        foreach (Func<string, Task> ask in (Func<string, Task>[])
        [
            _ => conversations.ListAsync(Unread("")),
            id => conversations.ShowMemoryAsync(Unread("", id)),
            _ => completions.AnswerAsync(Unread("{\"model\":\"one\"," + message)),
            _ => responses.AnswerAsync(Unread("{\"model\":\"one\",\"max_output_tokens\":2,\"input\":\"a\"}")),
        ])
        {
            await AnswerAsync(server, "one");
            JsonElement cache = await server.GetAsync("/api/conversations");
            Task unread = ask(cache.GetProperty("conversations")[0].GetProperty("id").GetString()!);
            await AnswerAsync(server, "two"); // it makes room
            Assert.False(unread.IsCompleted);
        }
    }

    [Fact]
    public async Task StartAsync_TwoModelsOfOneName_AreRefused()
    {
        string other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        await Assert.ThrowsAsync<ArgumentException>(() => RunningServer.StartAsync(options =>
        {
            options.Models.Add(TinyServer.Options(Path.Combine(_folder, "one.gguf")));
            options.Models.Add(TinyServer.Options(Path.Combine(other, "one.gguf")));
        }));
    }

    // Telemetry logs only what somebody traces.
    private static ActivityListener Listen(ConcurrentQueue<string> traced)
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => traced.Enqueue(string.Join(
                ' ', [activity.OperationName, activity.StatusDescription, .. activity.TagObjects, .. activity.Events.SelectMany(Tags)])),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;

        static IEnumerable<object> Tags(ActivityEvent one) => one.Tags.Cast<object>();
    }

    // A request of a client that takes nothing of the answer.
    private static DefaultHttpContext Unread(string body, string? id = null)
    {
        DefaultHttpContext context = new();
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(
            new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1)).Writer.AsStream()));
        if (id is not null)
            context.Request.RouteValues["id"] = id;
        return context;
    }

    // It may be in use until the server has noticed the end of an answer.
    private static async Task AnswerAsync(RunningServer server, string model)
    {
        while (true)
        {
            using HttpResponseMessage response = await AskAsync(server, model);
            if (response.StatusCode == HttpStatusCode.OK)
                return;
            Assert.Equal("models_in_use", await CodeAsync(response));
            await Task.Delay(20);
        }
    }

    private Task<RunningServer> StartAsync(
        int maximumLoaded, string[] names, Action<KvNormServerOptions>? configure = null) => RunningServer.StartAsync(options =>
    {
        foreach (string name in names)
        {
            string path = Path.Combine(_folder, name + ".gguf");
            File.Copy(TinyModel.Write(), path);
            options.Models.Add(TinyServer.Options(path));
        }

        options.MaximumLoadedModels = maximumLoaded;
        configure?.Invoke(options);
    });

    private static Task<HttpResponseMessage> AskAsync(RunningServer server, string model) => server.PostAsync(
        "/v1/chat/completions", $$"""{"model":"{{model}}","max_tokens":2,"messages":[{"role":"user","content":"a"}]}""");

    private static async Task<string> CodeAsync(HttpResponseMessage response) =>
        (await RunningServer.ReadAsync(response)).GetProperty("error").GetProperty("code").GetString()!;

    private static async Task<(HttpStatusCode Status, string Text)> HealthAsync(RunningServer server)
    {
        using HttpResponseMessage response = await server.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (response.StatusCode, (await RunningServer.ReadAsync(response)).GetProperty("status").GetString()!);
    }
}
