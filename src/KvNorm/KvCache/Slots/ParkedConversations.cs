namespace KvNorm.KvCache.Slots;

/// <summary>Conversations that had to leave their slots, in host memory, up to a number of bytes. Those not asked for in a while are given up.</summary>
internal sealed class ParkedConversations(long mostBytes) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ConversationSnapshot> _parked = []; // the least recent first
    private long _bytes;

    /// <summary>Gets how many there are and the bytes they take.</summary>
    public (int Count, long Bytes) Size
    {
        get
        {
            lock (_gate)
                return (_parked.Count, _bytes);
        }
    }

    /// <summary>Whether a conversation of so many bytes may be parked at all.</summary>
    public bool Takes(long bytes) => bytes <= mostBytes;

    /// <summary>Parks a conversation and gives up the least recent ones where there is no room.</summary>
    public void Add(ConversationSnapshot conversation)
    {
        lock (_gate)
        {
            _parked.Add(conversation);
            _bytes += conversation.Bytes;
            while (_bytes > mostBytes)
                Remove(_parked[0]).Dispose();
        }
    }

    /// <summary>The parked conversation of which the most can be used for a prompt; null when there is none.</summary>
    public ConversationSnapshot? Find(ReadOnlySpan<int> prompt)
    {
        ConversationSnapshot? best = null;
        int most = 0;
        foreach (ConversationSnapshot conversation in _parked)
        {
            int length = conversation.ReusableLength(prompt);
            if (length > most)
                (best, most) = (conversation, length);
        }

        return best;
    }

    /// <summary>Takes a conversation out; it is the caller's then.</summary>
    public ConversationSnapshot Remove(ConversationSnapshot conversation)
    {
        lock (_gate)
        {
            _parked.Remove(conversation);
            _bytes -= conversation.Bytes;
        }

        return conversation;
    }

    public void Dispose()
    {
        foreach (ConversationSnapshot conversation in _parked)
            conversation.Dispose();
    }
}
