using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.Logging;

namespace KvNorm.Tests.Runtime;

/// <summary>llama.cpp has one log for the process, so these run while nothing else does.</summary>
[CollectionDefinition(nameof(ProcessWideLog), DisableParallelization = true)]
public sealed class ProcessWideLog;

[Collection(nameof(ProcessWideLog))]
public sealed class LlamaLogTests : IDisposable
{
    private readonly ILogger _before = LlamaLog.Logger;

    public void Dispose() => LlamaLog.Logger = _before;

    [Fact]
    public void EnsureLoaded_Logger_ReceivesWholeLinesWithTheirLevel()
    {
        RecordingLogger logger = new();
        LlamaLibrary.EnsureLoaded(logger);
        LoadUnknownArchitecture();
        Assert.Contains(
            logger.Lines, static line => line.Level == LogLevel.Error && line.Text.Contains("nosuchmodel", StringComparison.Ordinal));
        Assert.Contains(logger.Lines, static line => line.Level == LogLevel.Debug);
        Assert.All(logger.Lines, static line => Assert.Equal(1, line.Id.Id));
        Assert.All(logger.Lines, static line => Assert.False(line.Text.Contains('\n')));
        Assert.All(logger.Lines, static line => Assert.False(string.IsNullOrWhiteSpace(line.Text)));
    }

    [Fact]
    public void EnsureLoaded_LoggerForErrorsOnly_ReceivesErrorsOnly()
    {
        RecordingLogger logger = new() { Least = LogLevel.Error };
        LlamaLibrary.EnsureLoaded(logger);
        LoadUnknownArchitecture();
        Assert.NotEmpty(logger.Lines);
        Assert.All(logger.Lines, static line => Assert.Equal(LogLevel.Error, line.Level));
    }

    [Fact]
    public void EnsureLoaded_NoLogger_KeepsTheOneThereIs()
    {
        RecordingLogger logger = new();
        LlamaLibrary.EnsureLoaded(logger);
        LlamaLibrary.EnsureLoaded();
        Assert.Same(logger, LlamaLog.Logger);
    }

    [Fact]
    public void Logger_Throws_LoadGoesOn()
    {
        LlamaLog.Logger = new ThrowingLogger();
        using LlamaModel model = TinyModel.Load();
        Assert.Equal(2, model.LayerCount);
        Assert.Contains("nosuchmodel", LoadUnknownArchitecture().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void During_CallThatLogsNothing_HandsBackTheResultAlone()
    {
        LoadUnknownArchitecture();
        (int result, NativeLines lines) = LlamaLog.During(static () => 7);
        Assert.Equal((7, ""), (result, lines.Errors));
        Assert.Empty(lines.Buffers);
    }

    [Fact]
    public void Decode_BrokenOffByItsLimit_LogsNoError()
    {
        RecordingLogger logger = new() { Least = LogLevel.Error };
        LlamaLibrary.EnsureLoaded(logger);
        ThreadGovernor hurried = new(2, 1, new StoppedClock());
        for (int i = 0; i < 10; i++)
        {
            hurried.Plan(1);
            hurried.Observe(TimeSpan.FromMicroseconds(i == 0 ? 2 : 1), brokenOff: false);
        }

        using LlamaContext context = new(EmbeddedModel.Model, new LlamaContextSettings(256, 16, 2, Sequences: 2), hurried);
        context.Batch.Clear();
        foreach (LlamaSequence sequence in context.Sequences)
            sequence.Stage([500, 501, 502], 0, logits: true);
        context.Decode();
        Assert.Empty(logger.Lines);
    }

    [Fact]
    public void Decode_CancelledInside_LogsNoError()
    {
        using LlamaContext context = new(EmbeddedModel.Model, new LlamaContextSettings(1024, 768, 1));
        RecordingLogger logger = new() { Least = LogLevel.Warning };
        LlamaLibrary.EnsureLoaded(logger);
        using CancellationTokenSource source = new();
        source.CancelAfter(TimeSpan.FromMilliseconds(50)); // 768 tokens take seconds on one thread
        Assert.ThrowsAny<OperationCanceledException>(
            () => context.Sequences[0].Decode([.. Enumerable.Range(500, 768)], 0, logits: true, source.Token));
        Assert.Empty(logger.Lines);
    }

    private static LlamaException LoadUnknownArchitecture()
    {
        string path = TinyModel.Write(new TinyModelSettings { Architecture = "nosuchmodel" });
        return Assert.Throws<LlamaException>(() => LlamaModel.Load(path));
    }

    private sealed class ThrowingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("from the logger");
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
