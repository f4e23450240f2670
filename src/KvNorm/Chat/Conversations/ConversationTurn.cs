namespace KvNorm.Chat.Conversations;

/// <summary>The right to read and change a conversation, until it is disposed of.</summary>
internal sealed class ConversationTurn(StoredConversation conversation, Action<StoredConversation> end) : IDisposable
{
    private Action<StoredConversation>? _end = end;

    public StoredConversation Conversation => conversation;

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke(conversation);
}
