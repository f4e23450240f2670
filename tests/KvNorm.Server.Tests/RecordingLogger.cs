using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KvNorm.Server.Tests;

/// <summary>Keeps what is logged, by anybody: the last lines, so that a long test is not mistaken for one that leaks.</summary>
internal sealed class RecordingLogger : ILoggerProvider
{
    private const int MaximumLines = 10_000;

    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    public void Dispose()
    {
        // There is nothing to free.
    }

    private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lines.Enqueue($"{category} {logLevel}: {formatter(state, exception)} {exception}");
            while (lines.Count > MaximumLines)
                lines.TryDequeue(out _);
        }
    }
}
