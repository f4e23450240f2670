namespace KvNorm.KvCache.Recall;

/// <summary>What a text means, as an embedding model says; known some time after it was asked for, if ever. From any thread.</summary>
/// <param name="text">The text.</param>
internal sealed class SpanVector(string text)
{
    /// <summary>Of a text without words.</summary>
    public static readonly SpanVector Nothing = new("") { Values = [] };

    private float[]? _values;
    private int _isWaiting;

    public string Text => text;

    /// <summary>Gets or sets the vector, of length 1; empty for a text without words; null when it is not known.</summary>
    public float[]? Values
    {
        get => Volatile.Read(ref _values);
        set => Volatile.Write(ref _values, value);
    }

    /// <summary>Takes the right to have it embedded.</summary>
    /// <returns>Whether nobody had it.</returns>
    public bool TryWait() => Interlocked.Exchange(ref _isWaiting, 1) == 0;

    /// <summary>Nobody has it embedded any more.</summary>
    public void StopWaiting() => Volatile.Write(ref _isWaiting, 0);
}
