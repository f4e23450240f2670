using KvNorm.Runtime;

namespace KvNorm.KvCache.Attention;

/// <summary>
/// The queries of a conversation's latest tokens, as they were decoded. They fit the rows as long as those keep their places: an eviction,
/// which looks at them, ends what is known.
/// </summary>
internal sealed class QueryLog
{
    private readonly IReadOnlyList<QueryShape> _shapes;
    private readonly int _capacity;
    private readonly Half[][] _queries; // per layer (capacity, heads, length), row-major; a token's place is its number modulo the capacity

    /// <summary>Makes an empty log.</summary>
    /// <param name="shapes">The queries of each layer.</param>
    /// <param name="capacity">The maximum of tokens; of more the latest are known.</param>
    public QueryLog(IReadOnlyList<QueryShape> shapes, int capacity)
    {
        (_shapes, _capacity) = (shapes, capacity);
        _queries = [.. shapes.Select(shape => new Half[checked(capacity * shape.Row)])];
    }

    /// <summary>Gets the first logical token whose queries are known.</summary>
    public int Start { get; private set; }

    /// <summary>Gets the index after the last.</summary>
    public int End { get; private set; }

    /// <summary>Gets the bytes it takes.</summary>
    public long Bytes => _queries.Sum(static layer => (long)layer.Length * 2);

    /// <summary>The shape of a layer's queries.</summary>
    public QueryShape ShapeOf(int layer) => _shapes[layer];

    /// <summary>A token's queries in a layer, (heads, length), with RoPE.</summary>
    public ReadOnlySpan<Half> Queries(int layer, int token) => At(layer, token);

    /// <summary>Takes the queries of tokens that were decoded after the last one.</summary>
    /// <param name="reader">Where they were read.</param>
    /// <param name="sequence">The sequence that was decoded.</param>
    /// <param name="end">The index after the last logical token.</param>
    /// <param name="count">Logical tokens that were decoded: the last ones, after what was read again.</param>
    public void Append(QueryReader reader, int sequence, int end, int count)
    {
        int kept = Math.Min(Math.Min(reader.KeptOf(sequence), count), _capacity), first = end - kept;
        for (int token = first; token < end; token++)
        {
            for (int layer = 0; layer < _shapes.Count; layer++)
                reader.Queries(layer, sequence, reader.KeptOf(sequence) - (end - token)).CopyTo(At(layer, token));
        }

        Extend(first, end);
    }

    /// <summary>Takes what another log knows, in place of what is known here.</summary>
    public void CopyFrom(QueryLog other)
    {
        Clear();
        int first = Math.Max(other.Start, other.End - _capacity);
        for (int token = first; token < other.End; token++)
        {
            for (int layer = 0; layer < _shapes.Count; layer++)
                other.At(layer, token).CopyTo(At(layer, token));
        }

        Extend(first, other.End);
    }

    /// <summary>A log that knows the same, with no more room than that takes.</summary>
    public QueryLog Clone()
    {
        QueryLog clone = new(_shapes, Math.Max(1, End - Start));
        clone.CopyFrom(this);
        return clone;
    }

    /// <summary>Forgets the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => (Start, End) = (Math.Min(Start, length), Math.Min(End, length));

    /// <summary>Forgets everything.</summary>
    public void Clear() => Truncate(0);

    // Tokens before a gap are forgotten: the queries in it were not read.
    private void Extend(int first, int end)
    {
        int start = first == End ? Start : first;
        (Start, End) = (Math.Max(start, end - _capacity), end);
    }

    private Span<Half> At(int layer, int token)
    {
        int row = _shapes[layer].Row;
        return _queries[layer].AsSpan(token % _capacity * row, row);
    }
}
