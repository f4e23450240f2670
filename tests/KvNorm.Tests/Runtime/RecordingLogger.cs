using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KvNorm.Tests.Runtime;

/// <summary>Remembers what was logged; safe for concurrent use.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, EventId Id, string Text)> _lines = new();

    public IReadOnlyCollection<(LogLevel Level, EventId Id, string Text)> Lines => [.. _lines];

    /// <summary>
    /// Gets what the library warned of. What llama.cpp says is about any model of the process, such as those of other tests.
    /// </summary>
    public IReadOnlyCollection<(LogLevel Level, EventId Id, string Text)> Warnings =>
        [.. _lines.Where(static line => line.Level == LogLevel.Warning && line.Id != LogMessages.NativeLine)];

    public LogLevel Least { get; init; } = LogLevel.Trace;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= Least;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, eventId, formatter(state, exception)));
}
