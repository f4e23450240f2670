using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace KvNorm.Server.Api;

/// <summary>Writes server-sent events, each to the client as soon as it is there.</summary>
internal static class EventStream
{
    /// <summary>Sends all events.</summary>
    /// <param name="context">The request.</param>
    /// <param name="events">The events.</param>
    /// <param name="cancellationToken">Ends the wait for a client that does not read.</param>
    public static async Task WriteAsync(HttpContext context, IAsyncEnumerable<SseItem<string>> events, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache,no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect the answer first
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await SseFormatter.WriteAsync(events, context.Response.Body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An event whose data are a value as JSON.</summary>
    public static SseItem<string> Json<T>(T value, JsonTypeInfo<T> type, string? name = null) =>
        new(JsonSerializer.Serialize(value, type), name);
}
