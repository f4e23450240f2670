using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Conversations;

/// <summary>A conversation that the client keeps for its callers, who send only what is new.</summary>
internal sealed class StoredConversation
{
    /// <summary>Gets what makes calls of one conversation wait for each other.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Gets or sets everything said so far.</summary>
    public ChatMessage[] Messages { get; set; } = [];

    /// <summary>Gets or sets the tokens of the last prompt and its answer, by which the cache knows the conversation.</summary>
    public int[] Tokens { get; set; } = [];
}
