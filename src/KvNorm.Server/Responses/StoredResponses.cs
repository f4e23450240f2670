namespace KvNorm.Server.Responses;

/// <summary>The responses that later requests may go on with: a bounded number of bounded length, the oldest go. In memory only.</summary>
internal sealed class StoredResponses
{
    /// <summary>The characters of all together, and so of one.</summary>
    public const long MaximumLength = 32 << 20;

    private const int MaximumResponses = 4096;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, StoredResponse> _responses = new(StringComparer.Ordinal);
    private long _length;

    /// <summary>Keeps a response.</summary>
    public void Add(StoredResponse response)
    {
        lock (_gate)
        {
            _responses.Add(response.Response.Id, response);
            _length += response.Length;
            while (_responses.Count > MaximumResponses || (_length > MaximumLength && _responses.Count > 1))
            {
                _length -= _responses.GetAt(0).Value.Length;
                _responses.RemoveAt(0);
            }
        }
    }

    /// <summary>A response; null when there is none of that id.</summary>
    public StoredResponse? Find(string id)
    {
        lock (_gate)
            return _responses.GetValueOrDefault(id);
    }

    /// <summary>Forgets a response.</summary>
    /// <returns>What it was; null where there was none.</returns>
    public StoredResponse? Remove(string id)
    {
        lock (_gate)
        {
            if (_responses.Remove(id, out StoredResponse? removed))
                _length -= removed.Length;
            return removed;
        }
    }

    /// <summary>Whether a response of a conversation is kept.</summary>
    public bool Has(string conversation)
    {
        lock (_gate)
            return _responses.Values.Any(one => one.Conversation == conversation);
    }
}
