using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace KvNorm.Server.Api;

/// <summary>Reads the body of a request as JSON.</summary>
internal static class RequestBody
{
    /// <summary>The body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">What it is to be.</param>
    /// <param name="maximumBytes">The maximum of its bytes.</param>
    /// <exception cref="ApiException">It is not called JSON.</exception>
    /// <exception cref="BadHttpRequestException">It is too large, or broke off.</exception>
    /// <exception cref="JsonException">It is something else.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, long maximumBytes)
    {
        RequireJson(context.Request);
        if (context.Request.ContentLength > maximumBytes)
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = maximumBytes;
        return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
            ?? throw new JsonException("The body is null.");
    }

    /// <summary>
    /// Lets a request through that says it has JSON, whether or not it has a body: a page of another origin may not send that unasked.
    /// </summary>
    /// <exception cref="ApiException">It does not.</exception>
    public static void RequireJson(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "unsupported_media_type",
                "The request must have the content type application/json.");
        }
    }
}
