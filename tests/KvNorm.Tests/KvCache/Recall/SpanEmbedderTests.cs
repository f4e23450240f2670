using System.Collections.Concurrent;
using KvNorm.KvCache.Recall;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.Tests.KvCache.Recall;

public sealed class SpanEmbedderTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly WordVectors _generator = new(["sea"], ["hill"]);
    private readonly RecordingLogger _logger = new();
    private readonly Clock _clock = new();
    private SpanEmbedder _embedder;

    public SpanEmbedderTests() => _embedder = Create(Long);

    public void Dispose() => _embedder.Dispose();

    [Fact]
    public async Task Request_Texts_GetVectorsOfLengthOneTogetherAndOnce()
    {
        TaskCompletionSource first = new();
        _generator.Before = _ => first.Task;
        List<SpanVector> vectors = [_embedder.Request("the sea")];
        await UntilAsync(() => _generator.Requests.Count == 1); // the others wait meanwhile
        vectors.AddRange([_embedder.Request(" a hill "), _embedder.Request("the sea"), _embedder.Request("sea and hill")]);
        Assert.All(vectors, static vector => Assert.Null(vector.Values));
        first.SetResult();
        await UntilAsync(() => vectors.TrueForAll(static vector => vector.Values is not null));
        Assert.Equal([["the sea"], ["a hill", "sea and hill"]], _generator.Requests);
        Assert.Equal([1, 0, 0], vectors[0].Values!);
        Assert.Same(vectors[0], vectors[2]);
        Assert.Equal(MathF.Sqrt(0.5f), vectors[3].Values![0], 1e-6);
        Assert.Same(vectors[1], _embedder.Request("a hill"));
        Assert.Equal(2, _generator.Requests.Count);
    }

    // Whoever comes first starts the work for all.
    [Fact]
    public async Task Request_AmbientValuesOfTheCaller_AreNotTheGenerators()
    {
        AsyncLocal<string?> caller = new();
        ConcurrentQueue<string?> seen = [];
        _generator.Before = _ =>
        {
            seen.Enqueue(caller.Value);
            return Task.CompletedTask;
        };
        caller.Value = "first";
        SpanVector vector = _embedder.Request("the sea");
        await UntilAsync(() => vector.Values is not null);
        Assert.NotNull(await _embedder.EmbedQuestionAsync("a hill?", CancellationToken.None)); // the caller's own
        Assert.Equal([null, "first"], seen, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" .\n!")]
    public void Request_NoWords_IsNotAskedFor(string text)
    {
        Assert.Empty(_embedder.Request(text).Values!);
        Assert.Empty(_generator.Requests);
    }

    [Fact]
    public async Task Request_GeneratorFails_WarnsOnceAndAsksAgainAfterAMinute()
    {
        _generator.Before = static _ => throw new HttpRequestException("nobody there");
        SpanVector vector = _embedder.Request("the sea");
        await UntilAsync(() => _logger.Lines.Count > 0);
        _embedder.Retry(vector);
        _embedder.Request("a hill");
        Assert.Null(await _embedder.EmbedQuestionAsync("the sea?", CancellationToken.None)); // not asked for a minute
        Assert.Single(_generator.Requests);
        _clock.Now += TimeSpan.FromMinutes(2).Ticks;
        Assert.Null(await _embedder.EmbedQuestionAsync("the sea?", CancellationToken.None)); // asked, in vain
        Assert.Equal(2, _generator.Requests.Count);
        Assert.Equal(LogLevel.Warning, Assert.Single(_logger.Lines).Level);

        _generator.Before = static _ => Task.CompletedTask;
        _clock.Now += TimeSpan.FromMinutes(2).Ticks;
        await UntilAsync(() =>
        {
            _embedder.Retry(vector);
            return vector.Values is not null;
        });
        float[]? question = await _embedder.EmbedQuestionAsync("the sea?", CancellationToken.None);
        Assert.Equal([1, 0, 0], question!);
    }

    // As one that has a filter, or a bound for a text's length.
    [Fact]
    public async Task Request_OneTextIsRefused_OnlyThatOneIsLeftOut()
    {
        _generator.Refuses = "secret";
        TaskCompletionSource first = new();
        _generator.Before = _ => first.Task;
        List<SpanVector> vectors = [_embedder.Request("a hill")];
        await UntilAsync(() => _generator.Requests.Count == 1); // the others become one request
        vectors.AddRange([_embedder.Request("the sea"), _embedder.Request("a secret"), _embedder.Request("more sea")]);
        first.SetResult();
        await UntilAsync(() => vectors.TrueForAll(static vector => vector.Values is not null));
        Assert.Equal([3, 3, 0, 3], vectors.Select(static vector => vector.Values!.Length));

        SpanVector alone = _embedder.Request("another secret");
        await UntilAsync(() => alone.Values is not null);
        Assert.Empty(alone.Values!);
        Assert.Null(await _embedder.EmbedQuestionAsync("which secret?", CancellationToken.None));
        Assert.NotNull(await _embedder.EmbedQuestionAsync("which sea?", CancellationToken.None));
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task Request_GeneratorGoesAway_NoTextCountsAsRefused()
    {
        SpanVector taken = _embedder.Request("a hill");
        await UntilAsync(() => taken.Values is not null);
        _generator.Before = static _ => throw new HttpRequestException("nobody there");
        List<SpanVector> vectors = [_embedder.Request("the sea"), _embedder.Request("more sea")];
        await UntilAsync(() => _logger.Lines.Count > 0);
        Assert.All(vectors, static vector => Assert.Null(vector.Values));

        _generator.Before = static _ => Task.CompletedTask;
        _clock.Now += TimeSpan.FromMinutes(2).Ticks;
        await UntilAsync(() =>
        {
            vectors.ForEach(_embedder.Retry);
            return vectors.TrueForAll(static vector => vector.Values is { Length: 3 });
        });
        Assert.Single(_logger.Lines);
    }

    [Fact]
    public async Task EmbedQuestionAsync_TooSlow_GivesUpWarnsAndTellsTheGenerator()
    {
        TaskCompletionSource stopped = new();
        _generator.Before = async cancelled =>
        {
            await UntilAsync(() => !_clock.Waits.IsEmpty);
            _clock.Elapse(); // not before: a busy machine may need long to come here
            await Task.Delay(Timeout.Infinite, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopped.SetResult();
        };
        Assert.Null(await _embedder.EmbedQuestionAsync("the sea?", CancellationToken.None));
        Assert.Single(_logger.Lines);
        await stopped.Task;
    }

    // A generator that does its work before it returns holds up nobody.
    [Fact]
    public async Task EmbedQuestionAsync_GeneratorBlocks_GivesUp()
    {
        using SpanEmbedder impatient = Create(TimeSpan.FromMilliseconds(20));
        using ManualResetEventSlim released = new();
        _generator.Before = _ =>
        {
            released.Wait(CancellationToken.None);
            return Task.CompletedTask;
        };
        Assert.Null(await impatient.EmbedQuestionAsync("the sea?", CancellationToken.None));
        released.Set();
    }

    [Fact]
    public async Task EmbedQuestionAsync_Cancelled_ThrowsWithoutAWarning()
    {
        using CancellationTokenSource cancelled = new();
        _generator.Before = async token =>
        {
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _embedder.EmbedQuestionAsync("the sea?", cancelled.Token));
        Assert.Empty(_logger.Lines);
    }

    // Whether the question alone is refused is found out in what is left of its time.
    [Fact]
    public async Task EmbedQuestionAsync_Refused_TakesNoMoreThanItsTime()
    {
        await TakeOneAsync();
        _generator.Refuses = "secret";
        _generator.Before = _ =>
        {
            _clock.Now += TimeSpan.FromMinutes(2).Ticks;
            int waits = _generator.Requests.Count;
            return UntilAsync(() => _clock.Waits.Count == waits); // one that is done at once is not waited for
        };
        Assert.Null(await _embedder.EmbedQuestionAsync("which secret?", CancellationToken.None));
        Assert.Equal([Long, Long - TimeSpan.FromMinutes(2)], _clock.Waits.TakeLast(2));
        Assert.Empty(_logger.Lines);
    }

    // A generator may be slower than half of the time: whether it refused this question alone is not known, so it is not left alone.
    [Fact]
    public async Task EmbedQuestionAsync_RefusedAtTheEndOfItsTime_SaysNothingOfTheGenerator()
    {
        await TakeOneAsync();
        _generator.Refuses = "secret";
        _generator.Before = _ =>
        {
            _clock.Now += Long.Ticks;
            return Task.CompletedTask;
        };
        Assert.Null(await _embedder.EmbedQuestionAsync("which secret?", CancellationToken.None));
        _generator.Before = static _ => Task.CompletedTask;
        Assert.NotNull(await _embedder.EmbedQuestionAsync("which tower?", CancellationToken.None));
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task EmbedQuestionAsync_CancelledAfterARefusal_ThrowsWithoutAWarning()
    {
        await TakeOneAsync();
        using CancellationTokenSource cancelled = new();
        _generator.Refuses = "secret";
        _generator.Before = async token =>
        {
            if (_generator.Requests.Count < 3)
                return;
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _embedder.EmbedQuestionAsync("which secret?", cancelled.Token));
        Assert.Equal(3, _generator.Requests.Count);
        Assert.Empty(_logger.Lines);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(0)]
    public async Task EmbedQuestionAsync_VectorWithoutADirection_IsAFailure(float value)
    {
        _generator.Change = vector => [value, 0, 0];
        Assert.Null(await _embedder.EmbedQuestionAsync("the sea?", CancellationToken.None));
        Assert.Single(_logger.Lines);
    }

    [Fact]
    public async Task Request_MoreThanThereIsRoomFor_TheOldestGo()
    {
        _embedder.Dispose();
        _embedder = Create(Long, maximumBytes: 3 * (14 + 12)); // of seven letters and three numbers
        List<SpanVector> vectors = [.. Enumerable.Range(0, 6).Select(i => _embedder.Request($"the sea{i}"[2..]))];
        await UntilAsync(() => vectors[^1].Values is not null);
        Assert.Null(vectors[0].Values);
        Assert.InRange(vectors.Count(static vector => vector.Values is not null), 1, 3);
        int asked = _generator.Requests.Count;
        _embedder.Retry(vectors[0]); // it would push out another
        Assert.Equal(asked, _generator.Requests.Count);
    }

    internal static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5);
    }

    // From now on the generator is known to take texts.
    private async Task TakeOneAsync()
    {
        TaskCompletionSource waited = new();
        _generator.Before = _ => waited.Task;
        SpanVector taken = _embedder.Request("a hill");
        await UntilAsync(() => _clock.Waits.Count == 1);
        waited.SetResult();
        await UntilAsync(() => taken.Values is not null);
    }

    private SpanEmbedder Create(TimeSpan patience, long maximumBytes = 1 << 20) =>
        new(_generator, _logger, patience, _clock, maximumBytes);

    private sealed class Clock : TimeProvider
    {
        private readonly ConcurrentQueue<ITimer> _timers = new();

        public long Now { get; set; } = 1000;

        /// <summary>Gets how long each wait may be at most.</summary>
        public ConcurrentQueue<TimeSpan> Waits { get; } = new();

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _timers.Enqueue(timer);
            Waits.Enqueue(dueTime);
            return timer;
        }

        /// <summary>Ends all waits.</summary>
        public void Elapse()
        {
            foreach (ITimer timer in _timers)
                timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
