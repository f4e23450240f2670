namespace KvNorm.KvCache.Slots;

/// <summary>
/// By what callers find a conversation of the cache, and what happened to it lately. It goes with the conversation from its slot into host
/// memory and back. Bounded; safe for concurrent use.
/// </summary>
internal sealed class ConversationTrace
{
    private const int MaximumEvents = 256;

    private readonly Lock _gate = new();
    private readonly Queue<KvCacheEvent> _events = [];
    private string? _id;
    private DateTimeOffset? _lastUse;
    private double? _tokensPerSecond;

    private ConversationTrace(string? id, bool isNamed) => (_id, IsNamed) = (id, isNamed);

    /// <summary>Gets whether callers gave it its id.</summary>
    public bool IsNamed { get; }

    /// <summary>Gets the id; null where nobody can find the conversation any more.</summary>
    public string? Id
    {
        get
        {
            lock (_gate)
                return _id;
        }
    }

    /// <summary>Gets what happened, in order: the last 256.</summary>
    public IReadOnlyList<KvCacheEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    /// <summary>Gets or sets when a request used it last; null for not yet.</summary>
    public DateTimeOffset? LastUse
    {
        get
        {
            lock (_gate)
                return _lastUse;
        }
        set
        {
            lock (_gate)
                _lastUse = value;
        }
    }

    /// <summary>Gets or sets the speed at which its last answer was decoded; null where that is not known.</summary>
    public double? TokensPerSecond
    {
        get
        {
            lock (_gate)
                return _tokensPerSecond;
        }
        set
        {
            lock (_gate)
                _tokensPerSecond = value;
        }
    }

    /// <summary>That of a conversation which callers gave a name.</summary>
    public static ConversationTrace Named(string name) => new(name, isNamed: true);

    /// <summary>That of what nobody looks for: an empty slot, or what is left of a conversation.</summary>
    public static ConversationTrace Nobodys() => new(null, isNamed: false);

    /// <summary>
    /// That of a conversation without a name which goes on with this one; another where this is a named one's or nobody's.
    /// </summary>
    public ConversationTrace Unnamed() =>
        IsNamed || Id is null ? new ConversationTrace(Guid.NewGuid().ToString("N"), isNamed: false) : this;

    /// <summary>Something happened.</summary>
    public void Add(KvCacheEvent one)
    {
        lock (_gate)
        {
            _events.Enqueue(one);
            if (_events.Count > MaximumEvents)
                _events.Dequeue();
        }
    }

    /// <summary>Nobody finds the conversation from now on.</summary>
    /// <returns>Whether somebody could until now.</returns>
    public bool Forget()
    {
        lock (_gate)
        {
            bool isKnown = _id is not null;
            _id = null;
            _events.Clear();
            return isKnown;
        }
    }
}
