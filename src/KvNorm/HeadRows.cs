namespace KvNorm;

/// <summary>What a <see cref="KeyScorer"/> sees: the rows of one layer and KV head, in time order, as f32.</summary>
public readonly ref struct HeadRows
{
    /// <summary>Gets the layer, from 0, among those that have a cache.</summary>
    public required int Layer { get; init; }

    /// <summary>
    /// Gets the number of the (layer, head) pair, from 0, below <see cref="KeyScorerContext.HeadCount"/>; layer by layer.
    /// </summary>
    public required int Head { get; init; }

    /// <summary>Gets the number of rows.</summary>
    public required int Count { get; init; }

    /// <summary>Gets the first row that no eviction has scored before.</summary>
    public required int FirstNew { get; init; }

    /// <summary>Gets the elements of a key.</summary>
    public required int KeyLength { get; init; }

    /// <summary>Gets the elements of a value.</summary>
    public required int ValueLength { get; init; }

    /// <summary>
    /// Gets the keys, (rows, KeyLength), row-major; empty unless the scorer needs them. RoPE is taken off where it is known
    /// (<see cref="EvictionMechanism.RewriteRows"/>), otherwise they are as the cache has them.
    /// </summary>
    public ReadOnlySpan<float> Keys { get; init; }

    /// <summary>Gets the values, (rows, ValueLength), row-major; empty unless the scorer needs them.</summary>
    public ReadOnlySpan<float> Values { get; init; }

    /// <summary>
    /// Gets the attention that each row received from the tokens of the last <see cref="AttentionTokens"/> rows, (rows): the sum over
    /// these tokens of the softmax of scaled products of query and keys, as a mean over the query heads that share this KV head. Each
    /// token adds 1 to the sum over all rows. Empty unless the scorer wants it (<see cref="KeyScorer.AttentionWindow"/>).
    /// </summary>
    public ReadOnlySpan<float> Attention { get; init; }

    /// <summary>
    /// Gets the tokens whose attention is summed: at most <see cref="KeyScorer.AttentionWindow"/> of those that no eviction has scored
    /// before. 0 where none of them is known: when there are no new ones, or the conversation was loaded since.
    /// </summary>
    public int AttentionTokens { get; init; }

    /// <summary>
    /// Gets the logical token of each row, (rows), ascending: its number in the conversation, evicted tokens counted, from 0.
    /// </summary>
    public required ReadOnlySpan<int> Tokens { get; init; }

    /// <summary>The key of a row, (KeyLength).</summary>
    /// <param name="row">The row, from 0.</param>
    public ReadOnlySpan<float> Key(int row) => Keys.Slice(row * KeyLength, KeyLength);

    /// <summary>The value of a row, (ValueLength).</summary>
    /// <param name="row">The row, from 0.</param>
    public ReadOnlySpan<float> Value(int row) => Values.Slice(row * ValueLength, ValueLength);
}
