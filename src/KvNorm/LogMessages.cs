using Microsoft.Extensions.Logging;

namespace KvNorm;

/// <summary>Everything this library logs, with its event ids.</summary>
internal static partial class LogMessages
{
    /// <summary>A line of llama.cpp's own log.</summary>
    public static readonly EventId NativeLine = new(1, nameof(NativeLine));

    [LoggerMessage(2, LogLevel.Warning, "The cache of model {Model} is evicted by {Mechanism}: {Reason}. Positions are kept, so a conversation ends at {TrainedLength} tokens.")]
    public static partial void KeepsPositions(ILogger logger, string model, EvictionMechanism mechanism, string reason, int trainedLength);

    [LoggerMessage(3, LogLevel.Warning, "The keys of model {Model} cannot be read, so the policy {Policy} cannot score them and the most recent cells are kept: {Reason}.")]
    public static partial void KeysUnreadable(ILogger logger, string model, string policy, string reason);
}
