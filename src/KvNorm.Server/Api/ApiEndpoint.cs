namespace KvNorm.Server.Api;

/// <summary>What every endpoint of the API has around it: the key is asked for, and errors are told in one shape.</summary>
internal sealed class ApiEndpoint(ApiKey key, ILogger logger)
{
    private const int ClientClosedRequest = 499; // as nginx counts it: nobody reads this answer

    /// <summary>A handler as an endpoint.</summary>
    public RequestDelegate Wrap(RequestDelegate handler) => async context =>
    {
        try
        {
            key.Require(context.Request);
            await handler(context).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            ServerLog.ClientGone(logger, context.Request.Method, context.Request.Path);
            if (!context.Response.HasStarted)
                context.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception e)
        {
            await RefuseAsync(context, e).ConfigureAwait(false);
        }
    };

    /// <summary>What the sender is told of an exception, which is logged here.</summary>
    public ApiException Explain(HttpContext context, Exception exception)
    {
        HttpRequest request = context.Request;
        if (ApiErrors.Of(exception) is { } refusal)
        {
            ServerLog.Refused(logger, request.Method, request.Path, refusal.Status, refusal.Code, refusal.Field ?? "none");
            return refusal;
        }

        ServerLog.Failed(logger, request.Method, request.Path, exception.GetType().FullName!, exception.StackTrace);
        return new ApiException(
            StatusCodes.Status500InternalServerError, "internal_error", "The server failed at this request; its log says at what.");
    }

    private async Task RefuseAsync(HttpContext context, Exception exception)
    {
        ApiException refusal = Explain(context, exception);
        if (context.Response.HasStarted)
        {
            context.Abort(); // half an answer must not look like a whole one
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString();
        await context.Response.WriteAsJsonAsync(ErrorResponse.Of(refusal), ErrorJson.Wire.ErrorResponse).ConfigureAwait(false);
    }
}
