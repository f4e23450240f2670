namespace KvNorm.KvCache.Eviction;

/// <summary>
/// At which position each token of a conversation stands where rows keep theirs: at its own number, and later by one for every token that
/// was read again before it. Positions must follow each other in what is decoded, so those that were read again once stay taken.
/// Where positions began anew, they count from there: tokens that were not read then have none.
/// </summary>
internal sealed class TokenPositions
{
    private readonly List<(int Token, int Shift)> _steps = []; // from which token on, by how much; both ascend

    private readonly List<int> _renewed = []; // the tokens read since positions began anew, ascending: they stand at 0, 1, ...
    private int _renewedEnd;                  // the token after them

    /// <summary>Gets whether positions began anew.</summary>
    public bool AreRenewed => _renewed.Count > 0;

    /// <summary>Gets the cells of tokens that were read again, beside the rows of the conversation: one piece.</summary>
    public int ReadAgain { get; private set; }

    /// <summary>Gets the token of the conversation that these stand before; undefined where there are none.</summary>
    public int Before => _steps[^1].Token;

    /// <summary>Gets the position of the first of them; undefined where there are none.</summary>
    public int First => Of(Before) - ReadAgain;

    /// <summary>The position of a token; for the index after the last one that of what is decoded next.</summary>
    public int Of(int token) =>
        (token < _renewedEnd ? RenewedBefore(token) : token - _renewedEnd + _renewed.Count) + ShiftOf(token);

    /// <summary>These tokens were read after the last one, and none of those between.</summary>
    public void AppendHeld(ReadOnlySpan<int> tokens)
    {
        _renewed.AddRange(tokens);
        _renewedEnd = tokens[^1] + 1;
    }

    /// <summary>Tokens were read again after the last one of the conversation, of which <paramref name="length"/> are decoded.</summary>
    public void Append(int length, int count)
    {
        if (ReadAgain > 0)
            _steps[^1] = (length, _steps[^1].Shift + count);
        else
            _steps.Add((length, ShiftOf(length) + count));
        ReadAgain += count;
    }

    /// <summary>What was read again has left the cache.</summary>
    /// <param name="length">The tokens of the conversation: where none came after it, its positions are free again.</param>
    public void Drop(int length)
    {
        ReadAgain = 0;
        Truncate(length);
    }

    /// <summary>The tokens from <paramref name="length"/> on are no longer there, nor what was read again before them.</summary>
    public void Truncate(int length)
    {
        if (ReadAgain > 0 && Before >= length)
            ReadAgain = 0;
        _steps.RemoveAll(step => step.Token >= length);
        int left = RenewedBefore(length);
        _renewed.RemoveRange(left, _renewed.Count - left);
        _renewedEnd = Math.Min(_renewedEnd, length);
    }

    public void CopyFrom(TokenPositions other)
    {
        _steps.Clear();
        _steps.AddRange(other._steps);
        _renewed.Clear();
        _renewed.AddRange(other._renewed);
        _renewedEnd = other._renewedEnd;
        ReadAgain = other.ReadAgain;
    }

    private int RenewedBefore(int token)
    {
        int index = _renewed.BinarySearch(token);
        return index < 0 ? ~index : index;
    }

    private int ShiftOf(int token) => _steps.FindLast(step => step.Token <= token).Shift; // none: 0
}
