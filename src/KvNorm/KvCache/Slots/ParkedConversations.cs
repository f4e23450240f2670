namespace KvNorm.KvCache.Slots;

/// <summary>
/// Conversations that had to leave their slots, in host memory, up to a number of bytes. Those not asked for in a while are given up.
/// </summary>
/// <remarks>One caller at a time; <see cref="Size"/> may be read from any thread.</remarks>
internal sealed class ParkedConversations(long maximumBytes) : IDisposable
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

    /// <summary>
    /// Gets them, the least recent first. Another thread may look at all but their states, which can be gone at any time.
    /// </summary>
    public IReadOnlyList<ConversationSnapshot> All
    {
        get
        {
            lock (_gate)
                return [.. _parked];
        }
    }

    /// <summary>Whether a conversation of so many bytes may be parked at all.</summary>
    public bool Takes(long bytes) => bytes <= maximumBytes;

    /// <summary>Parks a conversation and gives up the least recent ones where there is no room.</summary>
    public void Add(ConversationSnapshot conversation)
    {
        if (!Takes(conversation.Bytes))
        {
            conversation.Dispose(); // or it would push out all others, and then itself
            return;
        }

        lock (_gate)
        {
            _parked.Add(conversation);
            _bytes += conversation.Bytes;
            while (_bytes > maximumBytes)
                Remove(_parked[0]).Dispose();
        }
    }

    /// <summary>The parked conversation with the maximum of tokens that a prompt can use; null when there is none.</summary>
    public ConversationSnapshot? Find(ReadOnlySpan<int> prompt)
    {
        ConversationSnapshot? best = null;
        int maximum = 0;
        foreach (ConversationSnapshot conversation in _parked)
        {
            int length = conversation.ReusableLength(prompt);
            if (length > maximum)
                (best, maximum) = (conversation, length);
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
