using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.AspNetCore.Routing;

namespace KvNorm.Server.Conversations;

/// <summary>
/// What is held of which conversation: /api/conversations. The query's "model" chooses the model, the one used last unless given. It is
/// given back before the client is answered: one that reads slowly must not keep it from making room for another.
/// </summary>
internal sealed class ConversationEndpoints(ServedModels models)
{
    /// <summary>GET: the conversations held.</summary>
    public Task ListAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(List(Model(context)), ConversationJson.Wire.ConversationsView);

    /// <summary>GET: every token of a conversation, or the part that the query asks for, and how much of it is held.</summary>
    public Task ShowMemoryAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(Show(context), ConversationJson.Wire.MemoryView);

    /// <summary>DELETE: forgets a conversation.</summary>
    public Task RemoveAsync(HttpContext context)
    {
        using ModelUse use = models.UseLoaded(Model(context));
        string id = Id(context);
        if (!use.Cache.RemoveConversation(id))
            throw NotFound(id);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>The model that a request chooses; null for none.</summary>
    public static string? Model(HttpContext context) => context.Request.Query["model"] is [{ Length: > 0 } name] ? name : null;

    /// <summary>The conversation that a request is about.</summary>
    public static string Id(HttpContext context) => ConversationName.Require((string)context.GetRouteValue("id")!, "id");

    /// <summary>There is no such conversation.</summary>
    public static ApiException NotFound(string id) =>
        ApiException.NotFound("conversation_not_found", $"There is no conversation '{id}'.", "id");

    private ConversationsView List(string? model)
    {
        using ModelUse use = models.UseLoaded(model);
        KvCacheStatistics cache = use.Cache.Statistics;
        IEnumerable<ConversationView> all = use.Cache.GetConversations().Select(one => new ConversationView(
            one.ConversationId, one.IsNamed, one.Slot, one.IsParked, one.LogicalTokens, one.Cells, one.Cells * cache.BytesPerCell,
            one.LastUse));
        return new ConversationsView(
            use.Model.Name!, cache.Capacity, cache.BytesPerCell, cache.Capacity * cache.BytesPerCell, cache.Slots, [.. all]);
    }

    private MemoryView Show(HttpContext context)
    {
        string id = Id(context);
        using ModelUse use = models.UseLoaded(Model(context));
        KvNormChatClient client = use.Cache;
        KvNormConversation conversation = client.GetConversation(id) ?? throw NotFound(id);
        try
        {
            IReadOnlyList<TokenRetention> tokens = client.GetRetention(id);
            TokenWindow window = TokenWindow.Of(context.Request.Query, tokens.Count);
            return MemoryView.Of(conversation, tokens, client.GetEvents(id), client.Statistics.MaximumSlotCells, window);
        }
        catch (ArgumentException)
        {
            throw NotFound(id); // removed meanwhile
        }
    }
}
