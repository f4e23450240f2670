using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.AspNetCore.Routing;

namespace KvNorm.Server.Conversations;

/// <summary>
/// What is held of which conversation: /api/conversations. The query's "model" chooses the model, the one used last unless given.
/// </summary>
internal sealed class ConversationEndpoints(ServedModels models)
{
    /// <summary>GET: the conversations held.</summary>
    public async Task ListAsync(HttpContext context)
    {
        using ModelUse use = models.UseLoaded(Model(context));
        KvNormChatClient client = use.Cache;
        KvCacheStatistics cache = client.Statistics;
        IEnumerable<ConversationView> all = client.GetConversations().Select(one => new ConversationView(
            one.ConversationId, one.Slot, one.IsParked, one.LogicalTokens, one.Cells, one.Cells * cache.BytesPerCell, one.LastUse));
        ConversationsView view = new(
            use.Model.Name!, cache.Capacity, cache.BytesPerCell, cache.Capacity * cache.BytesPerCell, cache.Slots, [.. all]);
        await context.Response.WriteAsJsonAsync(view, ConversationJson.Wire.ConversationsView).ConfigureAwait(false);
    }

    /// <summary>GET: every token of a conversation, or the part that the query asks for, and how much of it is held.</summary>
    public async Task ShowMemoryAsync(HttpContext context)
    {
        using ModelUse use = models.UseLoaded(Model(context));
        KvNormConversation conversation = Find(context, use.Cache);
        IReadOnlyList<TokenRetention> tokens = Retention(use.Cache, conversation.ConversationId!);
        TokenWindow window = TokenWindow.Of(context.Request.Query, tokens.Count);
        KvCacheStatistics cache = use.Cache.Statistics;
        (IReadOnlyList<ConversationEvent> events, double? speed) = use.Model.Log.Read(conversation.ConversationId!);
        MemoryView view = new(
            conversation.ConversationId!,
            tokens.Count,
            conversation.Cells,
            cache.Capacity / cache.Slots,
            tokens.Count == 0 ? 0 : tokens.Average(static token => token.Held),
            tokens.Count(static token => token.IsRecalled),
            tokens.Count(static token => token.Held == 0),
            speed,
            window.From,
            [.. tokens.Take(window.From..window.To).Select(static token => new TokenView(token.Text, token.Held, token.IsRecalled))],
            TokenSummary.Slices(tokens),
            TokenSummary.Passages(tokens),
            events);
        await context.Response.WriteAsJsonAsync(view, ConversationJson.Wire.MemoryView).ConfigureAwait(false);
    }

    /// <summary>DELETE: forgets a conversation.</summary>
    public Task RemoveAsync(HttpContext context)
    {
        using ModelUse use = models.UseLoaded(Model(context));
        string id = Id(context);
        if (!use.Cache.RemoveConversation(id))
            throw NotFound(id);
        use.Model.Log.Remove(id);
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

    private static KvNormConversation Find(HttpContext context, KvNormChatClient client)
    {
        string id = Id(context);
        return client.GetConversation(id) ?? throw NotFound(id);
    }

    private static IReadOnlyList<TokenRetention> Retention(KvNormChatClient client, string id)
    {
        try
        {
            return client.GetRetention(id);
        }
        catch (ArgumentException)
        {
            throw NotFound(id); // removed meanwhile
        }
    }
}
