using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Conversations;

/// <summary>
/// Conversations saved into the configured folder and loaded from it, one at a time: /api/conversations/{id}/save and /load. A request
/// that a page of another origin may send unasked is refused before it costs anything.
/// </summary>
internal sealed class SavedConversations(
    ServedModels models, IOptions<KvNormServerOptions> options, ILogger<SavedConversations> logger) : IDisposable
{
    private const int MaximumFiles = 1000;

    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>POST: saves a conversation into the configured folder.</summary>
    public async Task SaveAsync(HttpContext context)
    {
        string id = ConversationEndpoints.Id(context);
        ConversationFile file = await FileAsync(context, id).ConfigureAwait(false);
        await AloneAsync(context, cancelled => SaveAsync(ConversationEndpoints.Model(context), id, file, cancelled)).ConfigureAwait(false);
        await context.Response.WriteAsJsonAsync(new ConversationFileView(file.Name), ConversationJson.Wire.ConversationFileView)
            .ConfigureAwait(false);
    }

    /// <summary>POST: loads a conversation from the configured folder.</summary>
    public async Task LoadAsync(HttpContext context)
    {
        string id = ConversationEndpoints.Id(context);
        ConversationFile file = await FileAsync(context, id).ConfigureAwait(false);
        if (!File.Exists(file.Path))
            throw ApiException.NotFound("file_not_found", $"There is no saved conversation '{file.Name}'.", "name");
        int messages = 0;
        await AloneAsync(context, async cancelled =>
        {
            string? model = ConversationEndpoints.Model(context) ?? models.LastUsed;
            using ModelUse use = await models.UseAsync(model, cancelled).ConfigureAwait(false);
            messages = await LoadAsync(use.Cache, id, file, cancelled).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await context.Response
            .WriteAsJsonAsync(new ConversationFileView(file.Name, messages), ConversationJson.Wire.ConversationFileView)
            .ConfigureAwait(false);
    }

    public void Dispose() => _gate.Dispose();

    private async Task SaveAsync(string? model, string id, ConversationFile file, CancellationToken cancelled)
    {
        using ModelUse use = models.UseLoaded(model);
        if (use.Cache.GetConversation(id) is not { IsNamed: true })
            throw ConversationEndpoints.NotFound(id);
        try
        {
            RequireRoom(file);
            await use.Cache.SaveConversationAsync(id, file.Path, cancelled).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            throw ConversationEndpoints.NotFound(id); // removed meanwhile
        }
        catch (ConversationFileException e)
        {
            throw new ApiException(StatusCodes.Status422UnprocessableEntity, "conversation_too_long", e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(StatusCodes.Status507InsufficientStorage, "save_failed", "saved", e);
        }
    }

    private async Task<int> LoadAsync(KvNormChatClient cache, string id, ConversationFile file, CancellationToken cancelled)
    {
        try
        {
            return (await cache.LoadConversationAsync(id, file.Path, cancelled).ConfigureAwait(false)).Count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(StatusCodes.Status500InternalServerError, "load_failed", "loaded", e);
        }
    }

    // The message names the file, which is the operator's business and not the sender's.
    private ApiException Failed(int status, string code, string done, Exception e)
    {
        ServerLog.FileFailed(logger, done, e.Message);
        return new ApiException(status, code, $"The conversation could not be {done}; the server's log says why.");
    }

    private static void RequireRoom(ConversationFile file)
    {
        DirectoryInfo folder = Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
        if (!File.Exists(file.Path) && folder.EnumerateFiles().Skip(MaximumFiles - 1).Any())
        {
            throw new ApiException(
                StatusCodes.Status507InsufficientStorage, "folder_full", $"The folder holds {MaximumFiles} files, as many as it may.");
        }
    }

    // Both read or write a whole cache: several at a time would only slow the answers down.
    private async Task AloneAsync(HttpContext context, Func<CancellationToken, Task> work)
    {
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        time.CancelAfter(options.Value.RequestTimeout);
        await _gate.WaitAsync(time.Token).ConfigureAwait(false);
        try
        {
            await work(time.Token).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<ConversationFile> FileAsync(HttpContext context, string id)
    {
        RequestBody.RequireJson(context.Request);
        string folder = options.Value.ConversationFolder ?? throw new ApiException(
            StatusCodes.Status403Forbidden, "saving_is_off", "This server has no folder for saved conversations.");
        bool hasBody = context.Request.ContentLength is not (null or 0) || context.Request.Headers.TransferEncoding.Count > 0;
        ConversationFileName? given = hasBody
            ? await RequestBody.ReadAsync(context, ConversationJson.Wire.ConversationFileName, options.Value)
                .ConfigureAwait(false)
            : null;
        return ConversationFile.In(folder, ConversationName.Require(given?.Name ?? id, "name"));
    }
}
