namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Which logical token every kept row is, per (layer, head) pair. Rows are in time order. The first <see cref="PackedRows"/> were chosen by the last
/// eviction and differ from head to head; the rows after them are the tokens read since, the same in every head, so reading a token costs nothing here.
/// </summary>
internal sealed class RowLedger
{
    private readonly int[] _packed; // (heads, most rows an eviction keeps), row-major
    private readonly int _stride;
    private int _tail; // logical index of the first token read since

    /// <summary>Creates an empty ledger.</summary>
    /// <param name="heads">(layer, head) pairs; 1 when all share one set of rows.</param>
    /// <param name="mostPacked">The most rows an eviction keeps.</param>
    /// <param name="renumbered">Whether evictions give the kept rows the positions 0, 1, ...; otherwise rows keep the position they were read at.</param>
    public RowLedger(int heads, int mostPacked, bool renumbered)
    {
        HeadCount = heads;
        Renumbered = renumbered;
        _stride = mostPacked;
        _packed = new int[heads * mostPacked];
    }

    public int HeadCount { get; }

    public bool Renumbered { get; }

    /// <summary>Gets the rows that the last eviction kept, in every head.</summary>
    public int PackedRows { get; private set; }

    /// <summary>Gets the rows of every head: the cells in use.</summary>
    public int Rows { get; private set; }

    /// <summary>Gets the tokens of the conversation, kept or not.</summary>
    public int LogicalLength => _tail + Rows - PackedRows;

    /// <summary>Gets how many tokens from the start on are in every head, each in the row of its own number: the conversation can be taken up again there.</summary>
    public int CompletePrefix { get; private set; }

    /// <summary>Gets the position that the next token must be read at.</summary>
    public int NextPosition => Renumbered ? Rows : LogicalLength;

    /// <summary>A ledger that says the same, with no more room than that takes.</summary>
    public RowLedger Clone()
    {
        RowLedger clone = new(HeadCount, PackedRows, Renumbered);
        clone.CopyFrom(this);
        return clone;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Where from; not trusted.</param>
    /// <param name="like">A ledger of as many heads, with room for as many rows as may be packed.</param>
    /// <param name="length">The tokens of the conversation.</param>
    /// <exception cref="InvalidDataException">It is no ledger of such a conversation.</exception>
    public static RowLedger Read(BinaryReader reader, RowLedger like, int length)
    {
        (int packed, int rows, int tail) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        if (packed < 0 || packed > like._stride || rows < packed || tail < packed || tail > length || rows - packed != length - tail)
            throw new InvalidDataException("the rows are not those of the tokens");
        RowLedger ledger = new(like.HeadCount, packed, like.Renumbered) { PackedRows = packed, Rows = rows, _tail = tail };
        for (int i = 0; i < ledger._packed.Length; i++)
        {
            int token = ledger._packed[i] = reader.ReadInt32();
            int least = i % packed == 0 ? 0 : ledger._packed[i - 1] + 1;
            if (token < least || token >= tail)
                throw new InvalidDataException("the rows are not in the order of the tokens");
        }

        ledger.CompletePrefix = ledger.CountComplete();
        return ledger;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(PackedRows);
        writer.Write(Rows);
        writer.Write(_tail);
        for (int head = 0; head < HeadCount; head++)
        {
            foreach (int token in _packed.AsSpan(head * _stride, PackedRows))
                writer.Write(token);
        }
    }

    /// <summary>Takes over what another ledger of as many heads says.</summary>
    public void CopyFrom(RowLedger other)
    {
        for (int head = 0; head < HeadCount; head++)
            other._packed.AsSpan(head * other._stride, other.PackedRows).CopyTo(_packed.AsSpan(head * _stride, _stride));
        (PackedRows, Rows, _tail, CompletePrefix) = (other.PackedRows, other.Rows, other._tail, other.CompletePrefix);
    }

    /// <summary>The logical token of a row.</summary>
    public int TokenAt(int head, int row) => row < PackedRows ? _packed[(head * _stride) + row] : _tail + row - PackedRows;

    /// <summary>The position that a row's key is rotated by.</summary>
    public int RotatedBy(int head, int row) => Renumbered ? row : TokenAt(head, row);

    /// <summary>
    /// The position of a cell: its row number, or where rows keep theirs the latest one of any head, which no query precedes.
    /// The last cell has the position before the next token's even where a cut has left no head that token: llama.cpp reads on only behind it.
    /// </summary>
    public int CellPosition(int row)
    {
        if (Renumbered || row >= PackedRows)
            return RotatedBy(0, row);
        if (row == PackedRows - 1)
            return _tail - 1;
        int latest = 0;
        for (int head = 0; head < HeadCount; head++)
            latest = Math.Max(latest, TokenAt(head, row));
        return latest;
    }

    /// <summary>Writes the logical tokens of a head's first rows, (at most Rows).</summary>
    public void CopyTokens(int head, Span<int> tokens)
    {
        for (int row = 0; row < tokens.Length; row++)
            tokens[row] = TokenAt(head, row);
    }

    /// <summary>The rows of a head with tokens before <paramref name="token"/>, which are its first ones.</summary>
    public int RowsBefore(int head, int token)
    {
        if (token >= _tail)
            return Math.Min(Rows, PackedRows + token - _tail);
        int row = _packed.AsSpan(head * _stride, PackedRows).BinarySearch(token);
        return row < 0 ? ~row : row;
    }

    /// <summary>The rows with tokens before <paramref name="token"/> that even the head with the fewest has.</summary>
    public int RowsBefore(int token)
    {
        int fewest = Rows;
        for (int head = 0; head < HeadCount; head++)
            fewest = Math.Min(fewest, RowsBefore(head, token));
        return fewest;
    }

    /// <summary>Tokens were read behind the last one.</summary>
    public void Append(int tokens) => Rows += tokens;

    /// <summary>An eviction kept these rows.</summary>
    /// <param name="kept">Rows by their number before, ascending, (heads, count), row-major.</param>
    /// <param name="count">Rows kept in every head.</param>
    public void Pack(ReadOnlySpan<int> kept, int count) => Pack(kept, count, LogicalLength);

    /// <summary>An eviction or a cut kept these rows.</summary>
    /// <param name="kept">Rows by their number before, ascending, (heads, count), row-major.</param>
    /// <param name="count">Rows kept in every head.</param>
    /// <param name="length">Tokens of the conversation from now on; no row of a later one is kept.</param>
    public void Pack(ReadOnlySpan<int> kept, int count, int length)
    {
        for (int head = 0; head < HeadCount; head++)
        {
            // Ascending rows: a token is read at or behind where it is written.
            for (int row = 0; row < count; row++)
                _packed[(head * _stride) + row] = TokenAt(head, kept[(head * count) + row]);
        }

        (PackedRows, Rows, _tail) = (count, count, length);
        CompletePrefix = CountComplete();
    }

    /// <summary>The most tokens of the first <paramref name="length"/> after which the conversation can be taken up again by dropping the rows behind them.</summary>
    public int RestorableLength(int length) => length >= _tail ? Math.Min(length, LogicalLength) : Math.Min(length, CompletePrefix);

    /// <summary>
    /// The most tokens of the first <paramref name="length"/> after which the conversation can be taken up again, by dropping the rows behind them or by a cut:
    /// the tokens behind them are taken out of every head and all heads cut to as many rows as the one with the fewest has.
    /// </summary>
    /// <param name="length">The tokens wanted.</param>
    /// <param name="prefix">Tokens at the start that every head must hold.</param>
    public int ResumableLength(int length, int prefix)
    {
        bool inside = length > CompletePrefix && length < _tail;
        return inside && CompletePrefix >= prefix && IsWorthCutting(length) ? CutLength(length) : RestorableLength(length);
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on, which must be restorable.</summary>
    public void Truncate(int length)
    {
        if (length >= _tail)
        {
            Rows = PackedRows + length - _tail;
            return;
        }

        // Every head holds exactly these tokens, as if nothing had been evicted yet.
        (PackedRows, Rows, _tail, CompletePrefix) = (0, length, 0, 0);
    }

    /// <summary>The share of (layer, head) pairs that still hold each token, (LogicalLength), 0 to 1.</summary>
    public float[] Retention()
    {
        int[] holders = new int[LogicalLength];
        for (int head = 0; head < HeadCount; head++)
        {
            for (int row = 0; row < PackedRows; row++)
                holders[TokenAt(head, row)]++;
        }

        holders.AsSpan(_tail).Fill(HeadCount);
        return Array.ConvertAll(holders, count => (float)count / HeadCount);
    }

    // The head with the fewest rows decides for all. Where that is less than half of what an eviction would keep of these tokens, they are better read again.
    private bool IsWorthCutting(int length)
    {
        int left = RowsBefore(length);
        return left > CompletePrefix && left >= Math.Min(length, PackedRows) / 2;
    }

    // Where rows keep their positions, llama.cpp reads on only behind the last of them: tokens after it that no head holds are read again.
    private int CutLength(int length)
    {
        if (Renumbered)
            return length;
        int last = 0;
        for (int head = 0; head < HeadCount; head++)
            last = Math.Max(last, TokenAt(head, RowsBefore(head, length) - 1));
        return last + 1;
    }

    private int CountComplete()
    {
        int complete = 0;
        while (complete < PackedRows && IsComplete(complete))
            complete++;
        return complete;
    }

    private bool IsComplete(int row)
    {
        for (int head = 0; head < HeadCount; head++)
        {
            if (TokenAt(head, row) != row)
                return false;
        }

        return true;
    }
}
