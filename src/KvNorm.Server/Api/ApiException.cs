namespace KvNorm.Server.Api;

/// <summary>A request is refused, for a reason that its sender is told.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The reason as a word, for programs.</param>
/// <param name="message">The reason as a sentence. It is cut where it quotes at length what the sender wrote.</param>
/// <param name="wrongField">The field of the request that is wrong, such as "messages[2].role"; null for none.</param>
internal sealed class ApiException(int status, string code, string message, string? wrongField = null) : Exception(Cut(message))
{
    private const int MaximumLength = 400; // characters; what we say ourselves is shorter

    /// <summary>Gets the HTTP status.</summary>
    public int Status => status;

    /// <summary>Gets the reason as a word.</summary>
    public string Code => code;

    /// <summary>Gets the field that is wrong; null for none.</summary>
    public string? Field => wrongField;

    /// <summary>Gets when it makes sense to try again; null where it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A field is missing or wrong.</summary>
    public static ApiException Invalid(string field, string message, string code = "invalid_value") =>
        new(StatusCodes.Status400BadRequest, code, $"'{field}' {message}", field);

    /// <summary>A field is missing.</summary>
    public static ApiException Missing(string field) => Invalid(field, "is missing.", "missing_required_parameter");

    /// <summary>A list holds more than this server takes.</summary>
    public static ApiException TooMany(string field, int maximum) =>
        Invalid(field, $"holds more than the {maximum} that this server takes.", "array_above_max_length");

    /// <summary>A field asks for what this server does not do.</summary>
    public static ApiException Unsupported(string field, string message = "is not supported by this server.") =>
        Invalid(field, message, "unsupported_parameter");

    /// <summary>There is no such thing.</summary>
    public static ApiException NotFound(string code, string message, string? field = null) =>
        new(StatusCodes.Status404NotFound, code, message, field);

    /// <summary>The server has too much to do.</summary>
    public static ApiException Busy(string code, string message) =>
        new(StatusCodes.Status429TooManyRequests, code, message) { RetryAfter = TimeSpan.FromSeconds(2) };

    /// <summary>The server cannot do it now.</summary>
    public static ApiException Unavailable(string code, string message) =>
        new(StatusCodes.Status503ServiceUnavailable, code, message) { RetryAfter = TimeSpan.FromSeconds(2) };

    private static string Cut(string message) => message.Length <= MaximumLength
        ? message
        : $"{message[..(char.IsHighSurrogate(message[MaximumLength - 1]) ? MaximumLength - 1 : MaximumLength)]}...";
}
