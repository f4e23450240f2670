using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Conversations;

/// <summary>
/// What is held of which conversation: /api/conversations. The query's "model" chooses the model, the one used last unless given.
/// </summary>
internal sealed class ConversationEndpoints(ServedModels models, IOptions<KvNormServerOptions> options)
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

    /// <summary>POST: saves a conversation into the configured folder.</summary>
    public async Task SaveAsync(HttpContext context)
    {
        using ModelUse use = models.UseLoaded(Model(context));
        string id = Find(context, use.Cache).ConversationId!;
        ConversationFile file = await FileAsync(context, id).ConfigureAwait(false);
        Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
        await use.Cache.SaveConversationAsync(id, file.Path, context.RequestAborted).ConfigureAwait(false);
        await context.Response.WriteAsJsonAsync(new ConversationFileView(file.Name), ConversationJson.Wire.ConversationFileView)
            .ConfigureAwait(false);
    }

    /// <summary>POST: loads a conversation from the configured folder.</summary>
    public async Task LoadAsync(HttpContext context)
    {
        using ModelUse use = await models.UseAsync(Model(context), context.RequestAborted).ConfigureAwait(false);
        string id = Id(context);
        ConversationFile file = await FileAsync(context, id).ConfigureAwait(false);
        if (!File.Exists(file.Path))
            throw ApiException.NotFound("file_not_found", $"There is no saved conversation '{file.Name}'.", "name");
        int messages = (await use.Cache.LoadConversationAsync(id, file.Path, context.RequestAborted).ConfigureAwait(false)).Count;
        use.Model.Log.Remove(id);
        await context.Response
            .WriteAsJsonAsync(new ConversationFileView(file.Name, messages), ConversationJson.Wire.ConversationFileView)
            .ConfigureAwait(false);
    }

    private static string? Model(HttpContext context) => context.Request.Query["model"] is [{ Length: > 0 } name] ? name : null;

    private static string Id(HttpContext context) => ConversationName.Require((string)context.GetRouteValue("id")!, "id");

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

    private async Task<ConversationFile> FileAsync(HttpContext context, string id)
    {
        string folder = options.Value.ConversationFolder ?? throw new ApiException(
            StatusCodes.Status403Forbidden, "saving_is_off", "This server has no folder for saved conversations.");
        RequestBody.RequireJson(context.Request);
        bool hasBody = context.Request.ContentLength is not (null or 0) || context.Request.Headers.TransferEncoding.Count > 0;
        ConversationFileName? given = hasBody
            ? await RequestBody.ReadAsync(context, ConversationJson.Wire.ConversationFileName, options.Value.MaximumBodyBytes)
                .ConfigureAwait(false)
            : null;
        return ConversationFile.In(folder, ConversationName.Require(given?.Name ?? id, "name"));
    }

    private static ApiException NotFound(string id) =>
        ApiException.NotFound("conversation_not_found", $"There is no conversation '{id}'.", "id");
}
