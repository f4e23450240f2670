namespace KvNorm.Chat.Conversations;

/// <summary>The right to read and change a conversation, until it is disposed of.</summary>
internal sealed class ConversationTurn(StoredConversation conversation, Action<StoredConversation> end) : IDisposable
{
    public StoredConversation Conversation => conversation;

    public void Dispose() => end(conversation);
}
