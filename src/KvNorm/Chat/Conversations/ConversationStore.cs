namespace KvNorm.Chat.Conversations;

/// <summary>
/// The conversations that the client keeps for its callers, by name, within bounds: those not used for a while are given up, and where
/// there are too many the one that has been idle longest. One that somebody uses is never given up. Safe for concurrent use.
/// </summary>
/// <param name="maximum">The maximum of conversations.</param>
/// <param name="idleTime">How long one is kept after its last use.</param>
/// <param name="timeout">How long to wait for the turn in one; infinite for no bound.</param>
/// <param name="time">Tells the time.</param>
internal sealed class ConversationStore(int maximum, TimeSpan idleTime, TimeSpan timeout, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredConversation> _conversations = new(StringComparer.Ordinal);

    /// <summary>Gets the conversations, those used last first.</summary>
    public IReadOnlyList<StoredConversation> All
    {
        get
        {
            lock (_gate)
            {
                RemoveExpired();
                return [.. _conversations.Values.OrderByDescending(static one => one.LastUse)];
            }
        }
    }

    /// <summary>The conversation of a name; null when there is none.</summary>
    public StoredConversation? Find(string id)
    {
        lock (_gate)
        {
            RemoveExpired();
            return _conversations.GetValueOrDefault(id);
        }
    }

    /// <summary>Forgets a conversation. Whoever uses it goes on with what nobody can find any more.</summary>
    /// <returns>The conversation; null when there was none.</returns>
    public StoredConversation? Remove(string id)
    {
        lock (_gate)
            return _conversations.Remove(id, out StoredConversation? conversation) ? conversation : null;
    }

    /// <summary>
    /// Waits for the turn in a conversation, which begins where there is none of that name. It is kept once there are messages in it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are as many conversations as may be, and all of them are in use.</exception>
    /// <exception cref="TimeoutException">Somebody else kept the turn for too long.</exception>
    public async Task<ConversationTurn> BeginTurnAsync(string id, CancellationToken cancellationToken)
    {
        StoredConversation conversation = Use(id);
        bool hasTurn = false;
        try
        {
            hasTurn = await conversation.Turn.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!hasTurn)
                StopUsing(conversation);
        }

        return hasTurn ? new ConversationTurn(conversation, EndTurn) : throw new TimeoutException(
            $"The conversation '{id}' was in use for more than {timeout} (KvNormChatOptions.ConversationTimeout). Either an answer of it "
            + "takes that long, or the stream of an answer was neither read to its end nor disposed of: do so, or give "
            + "the conversation up by RemoveConversation.");
    }

    private StoredConversation Use(string id)
    {
        lock (_gate)
        {
            RemoveExpired();
            if (!_conversations.TryGetValue(id, out StoredConversation? conversation))
            {
                MakeRoom();
                _conversations.Add(id, conversation = new StoredConversation(id));
            }

            conversation.Users++;
            conversation.LastUse = time.GetUtcNow();
            return conversation;
        }
    }

    private void EndTurn(StoredConversation conversation)
    {
        conversation.Turn.Release();
        StopUsing(conversation);
    }

    private void StopUsing(StoredConversation conversation)
    {
        lock (_gate)
        {
            conversation.Users--;
            conversation.LastUse = time.GetUtcNow();
            if (!conversation.IsAlive && _conversations.GetValueOrDefault(conversation.Id) == conversation)
                _conversations.Remove(conversation.Id); // it never came to an answer
        }
    }

    private void RemoveExpired()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string id, StoredConversation conversation) in _conversations)
        {
            if (conversation.Users == 0 && now - conversation.LastUse > idleTime)
                _conversations.Remove(id);
        }
    }

    private void MakeRoom()
    {
        if (_conversations.Count < maximum)
            return;
        StoredConversation oldest = _conversations.Values.Where(static one => one.Users == 0).MinBy(static one => one.LastUse)
            ?? throw new InvalidOperationException(
                $"All {maximum} conversations that may be kept by name (KvNormChatOptions.MaximumConversations) are in use.");
        _conversations.Remove(oldest.Id);
    }
}
