namespace KvNorm.Server.Api;

/// <summary>Everything the server logs, with its event ids. Never the text of messages, nor keys.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "{Method} {Path} was refused with {Status} {Code} (field {Field}).")]
    public static partial void Refused(ILogger logger, string method, string path, int status, string code, string field);

    // Without the exception's message, which may quote a message of the conversation.
    [LoggerMessage(2, LogLevel.Error, "{Method} {Path} failed with {Exception}:\n{StackTrace}")]
    public static partial void Failed(ILogger logger, string method, string path, string exception, string? stackTrace);

    [LoggerMessage(3, LogLevel.Debug, "Fields of the request that are not known are ignored: {Fields}.")]
    public static partial void FieldsIgnored(ILogger logger, string fields);

    [LoggerMessage(4, LogLevel.Debug, "The client of {Method} {Path} went away.")]
    public static partial void ClientGone(ILogger logger, string method, string path);

    [LoggerMessage(5, LogLevel.Information, "Model {Model} is loaded.")]
    public static partial void ModelLoaded(ILogger logger, string model);

    [LoggerMessage(6, LogLevel.Error, "Model {Model} could not be loaded; it is tried again when it is asked for. {Reason}")]
    public static partial void LoadFailed(ILogger logger, string model, string reason, Exception? defect);

    [LoggerMessage(7, LogLevel.Information, "Model {Model} is given up for another one.")]
    public static partial void ModelGivenUp(ILogger logger, string model);

    [LoggerMessage(8, LogLevel.Error, "A conversation could not be {Done}: {Reason}")]
    public static partial void FileFailed(ILogger logger, string done, string reason);
}
