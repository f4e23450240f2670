namespace KvNorm.Server.Api;

/// <summary>What the sender of a request is told about an exception.</summary>
internal static class ApiErrors
{
    /// <summary>The refusal that an exception comes to; null where it is a defect of ours.</summary>
    public static ApiException? Of(Exception exception) => exception switch
    {
        ApiException refusal => refusal,
        BadHttpRequestException bad => Of(bad),
        ChatTemplateException template => Unprocessable("template_refused", template),
        KvCacheBudgetException budget => Unprocessable("context_length_exceeded", budget),
        ConversationFileException file => Unprocessable("invalid_conversation_file", file),
        NotSupportedException unsupported => Unprocessable("unsupported", unsupported),
        TimeoutException => new ApiException(
            StatusCodes.Status409Conflict, "conversation_in_use", "Another request uses this conversation for too long.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        },
        OperationCanceledException => new ApiException(
            StatusCodes.Status504GatewayTimeout, "request_timeout", "The answer took longer than this server allows."),
        ObjectDisposedException => ApiException.Unavailable("shutting_down", "The server or the model is being stopped."),
        _ => null,
    };

    private static ApiException Of(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => new ApiException(
            bad.StatusCode, "request_too_large", "The body of the request is larger than this server allows."),
        StatusCodes.Status408RequestTimeout => new ApiException(
            bad.StatusCode, "request_timeout", "The body of the request came too slowly."),
        _ => new ApiException(StatusCodes.Status400BadRequest, "invalid_request", "The body of the request broke off or is malformed."),
    };

    private static ApiException Unprocessable(string code, Exception exception) =>
        new(StatusCodes.Status422UnprocessableEntity, code, exception.Message);
}
