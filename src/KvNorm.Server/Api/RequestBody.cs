using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace KvNorm.Server.Api;

/// <summary>Reads the body of a request as JSON.</summary>
internal static partial class RequestBody
{
    private const int RegexMilliseconds = 1000;

    /// <summary>The body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">What it is to be.</param>
    /// <param name="limits">What it may hold.</param>
    /// <exception cref="ApiException">It is not called JSON, is something else, or holds too much.</exception>
    /// <exception cref="BadHttpRequestException">It is too large, came too slowly, or broke off.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, KvNormServerOptions limits)
    {
        RequireJson(context.Request);
        // Counted here, since the server's own limit closes the connection on what is still being sent, and the answer may not arrive.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        int bound = (int)Math.Min(limits.MaximumBodyBytes, int.MaxValue - 1) + 1;
        if (context.Request.ContentLength >= bound)
            throw TooLarge();
        ReadResult body = await ReadAsync(context, bound, limits.BodyTimeout).ConfigureAwait(false);
        try
        {
            if (body.Buffer.Length >= bound)
                throw TooLarge();
            return Read(body.Buffer.ToArray(), type, limits);
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
        finally
        {
            context.Request.BodyReader.AdvanceTo(body.Buffer.End);
        }
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

    // A place among those who are answered is kept meanwhile, and the web server's own limit is a rate at which a large body takes hours.
    private static async Task<ReadResult> ReadAsync(HttpContext context, int bound, TimeSpan timeout)
    {
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        time.CancelAfter(timeout);
        try
        {
            return await context.Request.BodyReader.ReadAtLeastAsync(bound, time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body came too slowly.", StatusCodes.Status408RequestTimeout, e);
        }
    }

    private static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type, KvNormServerOptions limits)
    {
        if (body.StartsWith(Encoding.UTF8.Preamble))
            body = body[Encoding.UTF8.Preamble.Length..]; // the mark of UTF-8, which some write
        BodyCheck.Require(body, limits);
        return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("The body is null.");
    }

    private static BadHttpRequestException TooLarge() => new("The body is too large.", StatusCodes.Status413PayloadTooLarge);

    private static ApiException Malformed(JsonException json)
    {
        string? field = json.Path is { Length: < BodyPath.MaximumLength } path && Path().Match(path) is { Success: true } match
            ? match.Groups["field"].Value
            : null;
        string message = field is null
            ? "The body is no JSON, is nested too deeply, or is not what it should be."
            : $"'{field}' is no JSON, is not of the type or in the range that it should be, is named twice, or is nested too deeply.";
        return new ApiException(StatusCodes.Status400BadRequest, "invalid_json", message, field);
    }

    // The names in a path are the sender's: other characters, such as the end of a line, do not reach the log.
    [GeneratedRegex(@"^\$\.(?<field>[A-Za-z0-9_.\[\]]+)\z", RegexOptions.ExplicitCapture, RegexMilliseconds)]
    private static partial Regex Path();
}
