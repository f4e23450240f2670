using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace KvNorm.Server.Tests.Load;

/// <summary>
/// Many clients on few slots, some of which go away in the middle. Runs for ten seconds; KVNORM_LOAD_SECONDS says for how long instead.
/// </summary>
[CollectionDefinition(nameof(LoadTests), DisableParallelization = true)] // what others allocate would be taken for its own
[Collection(nameof(LoadTests))]
public sealed class LoadTests
{
    private const int Clients = 64, Slots = 4, Queue = 32, Names = 32, Words = 150;
    private const long ManagedBytes = 8 << 20; // that may be in use more at the end than after a third of the time
    private const string Question = """{"temperature":0,"max_tokens":16,"messages":[{"role":"user","content":"well?"}]}""";

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(int.Parse(
        Environment.GetEnvironmentVariable("KVNORM_LOAD_SECONDS") ?? "10", CultureInfo.InvariantCulture));

    private readonly ConcurrentDictionary<string, int> _outcomes = new(StringComparer.Ordinal);

    [Fact]
    public async Task AnswerAsync_ManyClientsThatComeAndGo_FailWithNothingButTooMany()
    {
        await using RunningServer server = await RunningServer.StartAsync(static options =>
        {
            KvNormChatOptions model = TinyServer.Options(slots: Slots);
            (model.MaximumConversations, model.ParkedBytes, model.ArchiveBytes) = (Names / 2, 4 << 20, 4 << 20);
            options.Models.Add(model);
            options.MaximumQueue = Queue;
        });
        string before = Text(await server.CompleteAsync(Question));
        Stopwatch clock = Stopwatch.StartNew();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(seed => RunAsync(server, new Random(seed), clock))];
        await Task.Delay(Duration / 3);
        long early = GC.GetTotalMemory(forceFullCollection: true);
        await Task.WhenAll(clients);
        long late = GC.GetTotalMemory(forceFullCollection: true);

        string outcomes = string.Join(", ", _outcomes.Select(static one => $"{one.Value} {one.Key}"));
        Assert.True(_outcomes.Keys.Except(["OK", "TooManyRequests", "gone"], StringComparer.Ordinal).Any() is false, outcomes);
        Assert.True(_outcomes.Count == 3, outcomes); // each kind occurred, or the test tests nothing
        Assert.True(late - early < ManagedBytes, $"{early} bytes became {late}: {outcomes}");
        Assert.Equal(before, Text(await server.CompleteAsync(Question)));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Contains(" Error: ", StringComparison.Ordinal));
    }

    private async Task RunAsync(RunningServer server, Random random, Stopwatch clock)
    {
        while (clock.Elapsed < Duration)
        {
            string outcome = await AskAsync(server, random);
            _outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);
            if (outcome == nameof(HttpStatusCode.TooManyRequests))
                await Task.Delay(random.Next(50, 200));
        }
    }

    private static async Task<string> AskAsync(RunningServer server, Random random)
    {
        using CancellationTokenSource patience = new(random.Next(4) == 0 ? random.Next(1, 300) : Timeout.Infinite);
        string text = string.Join(' ', Enumerable.Range(0, random.Next(1, Words)).Select(_ => $"w{random.Next(100)}"));
        string stream = random.Next(2) == 0 ? "true" : "false";
        string body = $$"""
            {"stream":{{stream}},"user":"u{{random.Next(Names)}}","max_tokens":20,"messages":[{"role":"user","content":"{{text}}"}]}
            """;
        try
        {
            using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", body, patience.Token);
            return $"{response.StatusCode}";
        }
        catch (OperationCanceledException)
        {
            return "gone";
        }
    }

    private static string Text(JsonElement answer) =>
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
}
