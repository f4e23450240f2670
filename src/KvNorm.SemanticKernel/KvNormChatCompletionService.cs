using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.SemanticKernel;

/// <summary>
/// Semantic Kernel's own service over an <see cref="IChatClient"/>, with settings that lose nothing on the way: those written for other services are
/// read as <see cref="KvNormPromptExecutionSettings"/> first.
/// </summary>
internal sealed class KvNormChatCompletionService(IChatClient client, IServiceProvider services) : IChatCompletionService
{
    private readonly IChatCompletionService _service = client.AsChatCompletionService(services);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes => _service.Attributes;

    /// <inheritdoc/>
    public Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default) =>
        _service.GetChatMessageContentsAsync(chatHistory, Read(executionSettings, chatHistory), kernel, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default) =>
        _service.GetStreamingChatMessageContentsAsync(chatHistory, Read(executionSettings, chatHistory), kernel, cancellationToken);

    // The system prompts of settings are for conversations that bring none of their own.
    private static KvNormPromptExecutionSettings Read(PromptExecutionSettings? executionSettings, ChatHistory chatHistory)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        KvNormPromptExecutionSettings settings = KvNormPromptExecutionSettings.FromExecutionSettings(executionSettings);
        bool system = settings.ChatSystemPrompt is not null && chatHistory.Any(message => message.Role == AuthorRole.System);
        bool developer = settings.ChatDeveloperPrompt is not null && chatHistory.Any(message => message.Role == AuthorRole.Developer);
        if (!system && !developer)
            return settings;
        KvNormPromptExecutionSettings without = (KvNormPromptExecutionSettings)settings.Clone();
        without.ChatSystemPrompt = system ? null : settings.ChatSystemPrompt;
        without.ChatDeveloperPrompt = developer ? null : settings.ChatDeveloperPrompt;
        return without;
    }
}
