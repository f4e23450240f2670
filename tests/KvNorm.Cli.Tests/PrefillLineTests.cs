namespace KvNorm.Cli.Tests;

public sealed class PrefillLineTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StoppedTime _time = new();

    [Fact]
    public void Report_LongPrompt_SaysTokensAndSecondsLeft()
    {
        using PrefillLine line = new(_output, width: 80, _time);
        line.Report(new PrefillProgress(0, 4096));
        Assert.Equal("\rReading 0 of 4,096 tokens\u001B[K", Written());
        _time.Now += TimeSpan.FromSeconds(1);
        line.Report(new PrefillProgress(10, 4096));
        Assert.Equal("\rReading 10 of 4,096 tokens for 1 s\u001B[K", Written()); // too early to say
        _time.Now += TimeSpan.FromSeconds(1);
        line.Report(new PrefillProgress(512, 4096));
        Assert.Equal("\rReading 512 of 4,096 tokens for 2 s, 14 s left\u001B[K", Written());
        line.End();
        Assert.Equal("\r\u001B[K", Written());
        line.Report(new PrefillProgress(1024, 4096)); // of an answer that was stopped
        line.End();
        Assert.Equal("", Written());
    }

    [Theory]
    [InlineData(0.1, "", 1)] // seconds for the first part; what is there already took none
    [InlineData(3, " for 3 s", 21)]
    public void Report_PartHeldAlready_CountsOnlyWhatIsRead(double seconds, string elapsed, int left)
    {
        using PrefillLine line = new(_output, width: 80, _time);
        line.Report(new PrefillProgress(4096, 8192));
        _time.Now += TimeSpan.FromSeconds(seconds);
        Written();
        line.Report(new PrefillProgress(4608, 8192));
        Assert.Equal($"\rReading 4,608 of 8,192 tokens{elapsed}, {left} s left\u001B[K", Written());
    }

    [Fact]
    public void Timer_NoReport_GoesOnCountingTheSeconds()
    {
        using PrefillLine line = new(_output, width: 80, _time);
        line.Report(new PrefillProgress(0, 4096));
        _time.Now += TimeSpan.FromSeconds(2);
        line.Report(new PrefillProgress(512, 4096));
        _time.Now += TimeSpan.FromSeconds(3);
        Written();
        _time.Fire();
        Assert.Equal("\rReading 512 of 4,096 tokens for 5 s, 11 s left\u001B[K", Written());
        line.End();
        Written();
        _time.Fire();
        Assert.Equal("", Written());
    }

    [Fact]
    public void Report_Minutes_SaysMinutes()
    {
        using PrefillLine line = new(_output, width: 80, _time);
        line.Report(new PrefillProgress(0, 100_000));
        _time.Now += TimeSpan.FromSeconds(60);
        Written();
        line.Report(new PrefillProgress(10_000, 100_000));
        Assert.Contains("tokens for 60 s, 9 min left", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_ShortPrompt_SaysNothing()
    {
        using PrefillLine line = new(_output, width: 80, _time);
        line.Report(new PrefillProgress(4090, 4096));
        line.End();
        Assert.Equal("", Written());
    }

    [Fact]
    public void Report_NarrowTerminal_StaysOnOneLine()
    {
        using PrefillLine line = new(_output, width: 20, _time);
        line.Report(new PrefillProgress(0, 4096));
        Assert.Equal("\rReading 0 of 4,096 \u001B[K", Written());
    }

    public void Dispose() => _output.Dispose();

    private string Written()
    {
        string written = _output.ToString();
        _output.GetStringBuilder().Clear();
        return written;
    }

    private sealed class StoppedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public Action Fire { get; private set; } = static () => { };

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fire = () => callback(state);
            return new Timer(static _ => { });
        }
    }
}
