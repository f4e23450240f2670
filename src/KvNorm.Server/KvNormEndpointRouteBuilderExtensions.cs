using KvNorm.Server;
using KvNorm.Server.Answers;
using KvNorm.Server.Api;
using KvNorm.Server.Completions;
using KvNorm.Server.Conversations;
using KvNorm.Server.Models;
using KvNorm.Server.Pages;
using KvNorm.Server.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps OpenAI's API over a local chat model.</summary>
public static class KvNormEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps /v1/chat/completions, /v1/responses and /v1/models, /api/conversations, and, without the need of a key, /health, /health/live,
    /// /health/ready and, unless <see cref="KvNormServerOptions.ServesPage"/> is off, the page at "/". What <c>AddKvNormServer</c> was
    /// given holds for them. Whatever else is asked for below /v1 and /api is answered as unknown.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>What the application may add to all of them, such as its own authorization.</returns>
    /// <exception cref="InvalidOperationException">The services were not added.</exception>
    public static IEndpointConventionBuilder MapKvNorm(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        IServiceProvider services = endpoints.ServiceProvider;
        ApiEndpoint api = services.GetService<ApiEndpoint>()
            ?? throw new InvalidOperationException("Call AddKvNormServer on the application's services before MapKvNorm.");
        RouteGroupBuilder group = endpoints.MapGroup("");
        Admission admission = services.GetRequiredService<Admission>();
        ModelEndpoints models = services.GetRequiredService<ModelEndpoints>();
        group.MapGet("/health", models.ReadyAsync);
        group.MapGet("/health/live", ModelEndpoints.LiveAsync);
        group.MapGet("/health/ready", models.ReadyAsync);
        group.MapGet("/v1/models", api.Wrap(models.ListAsync));
        group.MapGet("/v1/models/{model}", api.Wrap(models.ShowAsync));
        group.MapPost("/v1/chat/completions", api.Wrap(admission.Wrap(services.GetRequiredService<CompletionEndpoint>().AnswerAsync)));
        MapResponses(group, api, admission, services.GetRequiredService<ResponseEndpoints>());
        MapConversations(
            group, api, services.GetRequiredService<ConversationEndpoints>(), services.GetRequiredService<SavedConversations>());
        if (services.GetRequiredService<IOptions<KvNormServerOptions>>().Value.ServesPage)
            MapPage(group);
        group.MapFallback("/v1/{**rest}", api.Wrap(Unknown));
        group.MapFallback("/api/{**rest}", api.Wrap(Unknown));
        return group;
    }

    /// <summary>Has requests to other endpoints of the application bring <see cref="KvNormServerOptions.ApiKey"/>, too.</summary>
    /// <param name="builder">The endpoints, such as one for metrics.</param>
    /// <returns>The same endpoints.</returns>
    public static TBuilder RequireKvNormKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Finally(static endpoint => endpoint.RequestDelegate =
            endpoint.ApplicationServices.GetRequiredService<ApiEndpoint>().Wrap(endpoint.RequestDelegate!));
        return builder;
    }

    private static void MapResponses(RouteGroupBuilder group, ApiEndpoint api, Admission admission, ResponseEndpoints responses)
    {
        group.MapPost("/v1/responses", api.Wrap(admission.Wrap(responses.AnswerAsync)));
        group.MapGet("/v1/responses/{id}", api.Wrap(responses.ShowAsync));
        group.MapDelete("/v1/responses/{id}", api.Wrap(responses.RemoveAsync));
    }

    private static void MapConversations(
        RouteGroupBuilder group, ApiEndpoint api, ConversationEndpoints conversations, SavedConversations saved)
    {
        const string one = "/api/conversations/{id}";
        group.MapGet("/api/conversations", api.Wrap(conversations.ListAsync));
        group.MapGet(one + "/memory", api.Wrap(conversations.ShowMemoryAsync));
        group.MapDelete(one, api.Wrap(conversations.RemoveAsync));
        group.MapPost(one + "/save", api.Wrap(saved.SaveAsync));
        group.MapPost(one + "/load", api.Wrap(saved.LoadAsync));
    }

    private static void MapPage(RouteGroupBuilder group)
    {
        foreach (PageFile file in PageFile.Of(typeof(PageFile).Assembly))
            group.MapGet(file.Path, PageEndpoint.Of(file));
    }

    private static Task Unknown(HttpContext context) => throw ApiException.NotFound(
        "unknown_url", $"There is no {context.Request.Method} {context.Request.Path} here; docs/server.md lists what there is.");
}
