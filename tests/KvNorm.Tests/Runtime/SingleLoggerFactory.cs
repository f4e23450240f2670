using Microsoft.Extensions.Logging;

namespace KvNorm.Tests.Runtime;

/// <summary>One logger for everything.</summary>
internal sealed class SingleLoggerFactory(ILogger logger) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => logger;

    public void AddProvider(ILoggerProvider provider)
    {
        // There is one logger.
    }

    public void Dispose()
    {
        // The logger is the test's.
    }
}
