using Microsoft.Extensions.Logging;

namespace KvNorm;

/// <summary>Everything this library logs, with its event ids.</summary>
internal static partial class LogMessages
{
    /// <summary>A line of llama.cpp's own log.</summary>
    public static readonly EventId NativeLine = new(1, nameof(NativeLine));

    [LoggerMessage(2, LogLevel.Warning, "The cache of model {Model} is evicted by {Mechanism}: {Reason}. Positions are kept, so what "
        + "a conversation holds is prefilled again when it has used up {TrainedLength} of them.")]
    public static partial void KeepsPositions(ILogger logger, string model, EvictionMechanism mechanism, string reason, int trainedLength);

    [LoggerMessage(3, LogLevel.Warning,
        "The keys of model {Model} cannot be read, so the policy {Policy} cannot score them and the most recent cells are kept: {Reason}.")]
    public static partial void KeysUnreadable(ILogger logger, string model, string policy, string reason);

    [LoggerMessage(13, LogLevel.Information, "The cache of model {Model} takes {MiB:0.#} MiB: {Cells} cells{Limit}.")]
    public static partial void CacheMade(ILogger logger, string model, double miB, int cells, string limit);

    [LoggerMessage(4, LogLevel.Information, "Model {Model} answered: {InputTokens} tokens in, of which the cache held {ReusedTokens}, "
        + "{OutputTokens} out; queue {QueueMs:0} ms, prefill {PrefillMs:0} ms, decode {DecodeMs:0} ms.")]
    public static partial void RequestAnswered(
        ILogger logger, string model, int inputTokens, int reusedTokens, int outputTokens, double queueMs, double prefillMs,
        double decodeMs);

    [LoggerMessage(5, LogLevel.Information, "Model {Model} evicted {Evictions} times during the request: {Rows} rows in {EvictionMs:0} ms; "
        + "{Cells} of {Capacity} cells are in use.")]
    public static partial void RowsEvicted(
        ILogger logger, string model, int evictions, long rows, double evictionMs, int cells, int capacity);

    [LoggerMessage(6, LogLevel.Information, "A request to model {Model} ended with {Exception}.")]
    public static partial void RequestFailed(ILogger logger, string model, string exception);

    /// <summary>Only where KvNormChatOptions.RecordsMessageText is on.</summary>
    [LoggerMessage(7, LogLevel.Debug, "The answer: {Text}")]
    public static partial void AnswerText(ILogger logger, string text);

    [LoggerMessage(9, LogLevel.Warning, "A schema is followed only in part. {Problem}")]
    public static partial void SchemaUnreadable(ILogger logger, string problem);

    [LoggerMessage(8, LogLevel.Error, "The model {ModelPath} could not be loaded at start; it is tried again when it is asked for.")]
    public static partial void LoadFailed(ILogger logger, string modelPath, Exception exception);

    [LoggerMessage(11, LogLevel.Information, "Model {Model} recalled {Passages} passages, tokens {Spans} of the conversation: {Tokens} "
        + "tokens had lost something; {RecallMs:0} ms.")]
    public static partial void Recalled(ILogger logger, string model, int passages, string spans, int tokens, double recallMs);

    [LoggerMessage(10, LogLevel.Warning,
        "The archive's file cannot be used any more: what was in it is not recalled, and nothing else is lost.")]
    public static partial void ArchiveFileFailed(ILogger logger, Exception exception);

    [LoggerMessage(12, LogLevel.Warning, "The generator of embeddings failed, or took too long. Until it answers, what was evicted "
        + "is found by words in common. This is said once.")]
    public static partial void EmbeddingFailed(ILogger logger, Exception exception);
}
