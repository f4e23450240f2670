using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using KvNorm.Chat;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat;

/// <summary>
/// What requests tell meters, activities and logs. A model file of its own tells its requests from those of tests running beside.
/// </summary>
public sealed class RequestTelemetryTests : IDisposable
{
    private const string Secret = "The password is swordfish.";

    private readonly ConcurrentDictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Activity> _activities = [];
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _listener;
    private readonly string _path = TinyModel.Write(new TinyModelSettings { Seed = 4711 });

    public RequestTelemetryTests()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RequestTelemetry.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _meters.Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RequestTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("gen_ai.request.model") as string == ModelName)
                    _activities.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private string ModelName => Path.GetFileNameWithoutExtension(_path);

    public void Dispose()
    {
        _meters.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task Request_WithEvictions_CountsWhatItsUsageSays()
    {
        using KvNormChatClient client = Create(cells: 64);
        ChatResponse response = await client.GetResponseAsync([User(Secret + " " + Prose(6))], TestClient.Greedy(20));
        UsageDetails usage = response.Usage!;
        Assert.Equal(usage.InputTokenCount, (long)_sums["kvnorm.tokens.input"]);
        Assert.Equal(usage.OutputTokenCount, (long)_sums["kvnorm.tokens.output"]);
        Assert.Equal(usage.AdditionalCounts![KvNormUsage.Evictions], (long)_sums["kvnorm.evictions"]);
        Assert.Equal(usage.AdditionalCounts[KvNormUsage.EvictedRows], (long)_sums["kvnorm.evicted.rows"]);
        Assert.True(_sums["kvnorm.evictions"] > 0);
        // two layers of two heads
        Assert.Equal(_sums["kvnorm.evicted.rows"] / (2 * 2) * client.Statistics.BytesPerCell, _sums["kvnorm.evicted.bytes"]);
        Assert.Equal(client.Statistics.Cells, (int)_sums["kvnorm.cache.cells"]);
        Assert.Equal(client.Statistics.UsedBytes, (long)_sums["kvnorm.cache.bytes"]);
        Assert.All(
            "preparation queue prefill decode eviction".Split(' '), step => Assert.True(_sums[$"kvnorm.{step}.duration"] >= 0, step));
    }

    [Fact]
    public async Task Request_SecondTurn_CountsReusedTokens()
    {
        using KvNormChatClient client = Create(cells: 512);
        string answer = await client.AnswerAsync([User("Hi")]);
        _sums.Clear();
        await client.AnswerAsync([User("Hi"), Assistant(answer), User("More")]);
        Assert.True(_sums["kvnorm.tokens.reused"] > 0);
        Assert.False(_sums.ContainsKey("kvnorm.evictions"));
    }

    [Fact]
    public async Task Request_IsAnActivity_WithItsCounts()
    {
        using KvNormChatClient client = Create(cells: 512);
        ChatResponse response = await client.GetResponseAsync([User("Hi")], TestClient.Greedy(3));
        Activity activity = Assert.Single(_activities);
        Assert.Equal("kvnorm.request", activity.OperationName);
        Assert.Equal((int)response.Usage!.InputTokenCount!, activity.GetTagItem("kvnorm.tokens.input"));
        Assert.Equal(ActivityStatusCode.Unset, activity.Status);
    }

    [Fact]
    public async Task CancelledRequest_IsAnActivityWithAnError()
    {
        using KvNormChatClient client = Create(cells: 512);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync([User("Hi")], TestClient.Greedy(), new CancellationToken(canceled: true)));
        Assert.Equal(ActivityStatusCode.Error, Assert.Single(_activities).Status);
    }

    [Fact]
    public async Task RequestThatIsLeftInTheMiddle_IsAnActivityWithAnError()
    {
        RecordingLogger logger = new();
        using SingleLoggerFactory factory = new(logger);
        using KvNormChatClient client = Create(cells: 512, factory: factory);
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([User("Hi")], TestClient.Greedy(100)))
            break;
        Assert.Equal(ActivityStatusCode.Error, Assert.Single(_activities).Status);
        Assert.Contains(logger.Lines, static entry => entry.Id.Id == 6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MessageText_IsToldOnlyWhereSwitchedOn(bool recorded)
    {
        RecordingLogger logger = new();
        using SingleLoggerFactory factory = new(logger);
        using KvNormChatClient client = Create(cells: 512, recorded, factory);
        await client.AnswerAsync([User(Secret)]);
        string told = string.Join('\n', Assert.Single(_activities).TagObjects.Select(tag => $"{tag.Value}"));
        Assert.Equal(recorded, told.Contains(Secret, StringComparison.Ordinal));
        Assert.Contains(logger.Lines, entry => entry.Id.Id == 4);
        Assert.Equal(recorded, logger.Lines.Any(entry => entry.Id.Id == 7));
        Assert.DoesNotContain(logger.Lines, entry => entry.Text.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public void Documentation_NamesEveryEventOfTheLog()
    {
        string table = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "observability.md"));
        (int Id, string Name)[] events =
        [
            .. typeof(LogMessages).GetMethods()
                .Select(static method => (method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId ?? 0, method.Name))
                .Where(static one => one.Item1 > 0),
        ];
        Assert.True(events.Length > 5);
        Assert.All(events, one => Assert.Contains($"| {one.Id} {one.Name} |", table, StringComparison.Ordinal));
    }

    [Fact]
    public void Documentation_NamesEveryInstrument()
    {
        string table = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "observability.md"));
        List<string> names = [];
        RuntimeHelpers.RunClassConstructor(typeof(RequestTelemetry).TypeHandle); // makes the instruments, if no test has before
        using MeterListener all = new()
        {
            InstrumentPublished = (instrument, _) =>
                names.AddRange(instrument.Meter.Name == RequestTelemetry.Name ? [instrument.Name] : []),
        };
        all.Start();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains($"`{name}`", table, StringComparison.Ordinal));
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach ((string key, object? model) in tags)
        {
            if (key == "gen_ai.request.model" && model as string == ModelName)
                _sums.AddOrUpdate(instrument.Name, value, (_, sum) => instrument is Gauge<int> or Gauge<long> ? value : sum + value);
        }
    }

    private KvNormChatClient Create(int cells, bool recorded = false, ILoggerFactory? factory = null)
    {
        KvNormChatOptions options = TestClient.Options(cells);
        (options.ModelPath, options.RecordsMessageText) = (_path, recorded);
        return KvNormChatClient.Create(options, factory);
    }
}
