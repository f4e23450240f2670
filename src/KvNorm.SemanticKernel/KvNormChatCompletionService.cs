using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.SemanticKernel;

/// <summary>
/// Semantic Kernel's own service over an <see cref="IChatClient"/>, with settings that lose nothing on the way (those written for other
/// services are read as <see cref="KvNormPromptExecutionSettings"/> first) and calls that can be invoked on a kernel.
/// </summary>
internal sealed class KvNormChatCompletionService(IChatClient client, IServiceProvider services) : IChatCompletionService
{
    private readonly IChatCompletionService _service = new RunnableCallsClient(client).AsChatCompletionService(services);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes => _service.Attributes;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null,
        CancellationToken cancellationToken = default)
    {
        PromptExecutionSettings settings = Read(executionSettings, chatHistory);
        ChatHistory request = FunctionNames.Join(chatHistory);
        int asked = request.Count;
        IReadOnlyList<ChatMessageContent> answers = await _service.GetChatMessageContentsAsync(
            request, settings, kernel, cancellationToken).ConfigureAwait(false);
        AddRuns(request.Skip(asked), chatHistory, kernel);
        return [.. answers.Select(answer => FunctionNames.Split(answer, kernel))];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        PromptExecutionSettings settings = Read(executionSettings, chatHistory);
        ChatHistory request = FunctionNames.Join(chatHistory);
        int asked = request.Count, calls = 0;
        try
        {
            IAsyncEnumerable<StreamingChatMessageContent> pieces = _service.GetStreamingChatMessageContentsAsync(
                request, settings, kernel, cancellationToken);
            await foreach (StreamingChatMessageContent piece in pieces.ConfigureAwait(false))
                yield return FunctionNames.Split(piece, kernel, ref calls);
        }
        finally
        {
            AddRuns(request.Skip(asked), chatHistory, kernel);
        }
    }

    // The functions that were run on the way belong to the conversation. A call that was not run is the caller's to add, with its answer.
    private static void AddRuns(IEnumerable<ChatMessageContent> added, ChatHistory chatHistory, Kernel? kernel)
    {
        ChatMessageContent[] messages = [.. added];
        int end = Array.FindLastIndex(messages, message => message.Role == AuthorRole.Tool) + 1;
        chatHistory.AddRange(messages[..end].Select(message => FunctionNames.Split(message, kernel)));
    }

    // The system prompts of settings are for conversations that bring none of their own.
    private KvNormPromptExecutionSettings Read(PromptExecutionSettings? executionSettings, ChatHistory chatHistory)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        KvNormPromptExecutionSettings settings = KvNormPromptExecutionSettings.FromExecutionSettings(executionSettings);
        RequireCache(settings);
        bool system = settings.ChatSystemPrompt is not null && chatHistory.Any(message => message.Role == AuthorRole.System);
        bool developer = settings.ChatDeveloperPrompt is not null && chatHistory.Any(message => message.Role == AuthorRole.Developer);
        if (!system && !developer)
            return settings;
        KvNormPromptExecutionSettings without = (KvNormPromptExecutionSettings)settings.Clone();
        without.ChatSystemPrompt = system ? null : settings.ChatSystemPrompt;
        without.ChatDeveloperPrompt = developer ? null : settings.ChatDeveloperPrompt;
        return without;
    }

    // What a prompt counts on of the cache is not the prompt's to change, but to be told of.
    private void RequireCache(KvNormPromptExecutionSettings settings)
    {
        if (client.GetService<KvCacheStatistics>() is not { } cache)
            return;
        int cells = cache.Capacity / cache.Slots;
        if (settings.MinimumCells > cells)
        {
            throw new NotSupportedException(
                $"The execution settings count on {settings.MinimumCells} cells for the conversation; "
                + $"the cache of this service gives {cells}.");
        }

        if (settings.Policy is { } policy && !policy.Equals(cache.Policy, StringComparison.OrdinalIgnoreCase))
        {
            throw new NotSupportedException(
                $"The execution settings count on the eviction policy '{policy}'; this service has '{cache.Policy}'.");
        }
    }
}
