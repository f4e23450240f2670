using System.Buffers;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Which logical token every kept row is, per set of heads. Rows are in time order. The first <see cref="PackedRows"/> were chosen by the
/// last
/// eviction and differ from set to set; the rows after them are the tokens decoded since, the same in every set, so decoding a token costs
/// nothing here.
/// </summary>
internal sealed class RowLedger
{
    private readonly RowSets _sets;
    private readonly int[][] _packed; // per set the tokens of its packed rows; the arrays grow to the largest eviction
    private int _tail; // the first logical token decoded since

    /// <summary>Creates an empty ledger.</summary>
    /// <param name="sets">Which heads hold the same rows.</param>
    /// <param name="renumbered">
    /// Whether evictions give the kept rows the positions 0, 1, ...; otherwise rows keep the position they were decoded at.
    /// </param>
    public RowLedger(RowSets sets, bool renumbered)
    {
        (_sets, Renumbered) = (sets, renumbered);
        _packed = [.. Enumerable.Repeat<int[]>([], sets.Count)];
    }

    public int SetCount => _packed.Length;

    public bool Renumbered { get; }

    /// <summary>Gets the rows that the last eviction kept, in every set.</summary>
    public int PackedRows { get; private set; }

    /// <summary>Gets the rows of every set.</summary>
    public int Rows { get; private set; }

    /// <summary>Gets the cells in use: the rows, and what was read again beside them.</summary>
    public int Cells => Rows + Positions.ReadAgain;

    /// <summary>Gets where tokens stand that keep their positions.</summary>
    public TokenPositions Positions { get; } = new();

    /// <summary>Gets the tokens of the conversation, kept or not.</summary>
    public int LogicalLength => _tail + Rows - PackedRows;

    /// <summary>Gets how many tokens the conversation had at the last eviction or cut: those from here on are held by every head.</summary>
    public int PackedLength => _tail;

    /// <summary>
    /// Gets how many tokens from the start on are in every set, each in the row of its own number: as if nothing had been evicted before
    /// them.
    /// </summary>
    public int CompletePrefix { get; private set; }

    /// <summary>Gets the position that the next token must be decoded at.</summary>
    public int NextPosition => Renumbered ? Rows : Positions.Of(LogicalLength);

    /// <summary>A ledger that says the same, with no more room than that takes.</summary>
    public RowLedger Clone()
    {
        RowLedger clone = new(_sets, Renumbered);
        clone.CopyFrom(this);
        return clone;
    }

    /// <summary>Takes over what another ledger says: of the same sets, or of one from which nothing was evicted.</summary>
    public void CopyFrom(RowLedger other)
    {
        for (int set = 0; set < SetCount && other.PackedRows > 0; set++)
        {
            Reserve(set, other.PackedRows);
            other._packed[set].AsSpan(0, other.PackedRows).CopyTo(_packed[set]);
        }

        (PackedRows, Rows, _tail, CompletePrefix) = (other.PackedRows, other.Rows, other._tail, other.CompletePrefix);
        Positions.CopyFrom(other.Positions);
    }

    /// <summary>The logical token of a row.</summary>
    public int TokenAt(int set, int row) => row < PackedRows ? _packed[set][row] : _tail + row - PackedRows;

    /// <summary>
    /// The position of a cell: its row number, or where rows keep theirs the latest one of any set, which no query precedes.
    /// The last cell has the position before the next token's even where a cut has left no head that token: llama.cpp decodes only after
    /// the last cell.
    /// </summary>
    public int CellPosition(int row)
    {
        if (Renumbered)
            return row;
        if (row >= PackedRows)
            return Positions.Of(TokenAt(0, row));
        return Positions.Of(row == PackedRows - 1 ? _tail - 1 : LatestAt(row));
    }

    /// <summary>Writes the logical tokens of a set's first rows, (at most Rows).</summary>
    public void CopyTokens(int set, Span<int> tokens)
    {
        for (int row = 0; row < tokens.Length; row++)
            tokens[row] = TokenAt(set, row);
    }

    /// <summary>The rows of a set with tokens before <paramref name="token"/>, which are its first ones.</summary>
    public int RowsBefore(int set, int token)
    {
        if (token >= _tail)
            return Math.Min(Rows, PackedRows + token - _tail);
        int row = _packed[set].AsSpan(0, PackedRows).BinarySearch(token);
        return row < 0 ? ~row : row;
    }

    /// <summary>The rows with tokens before <paramref name="token"/> that even the set with the fewest has.</summary>
    public int RowsBefore(int token)
    {
        int fewest = Rows;
        for (int set = 0; set < SetCount; set++)
            fewest = Math.Min(fewest, RowsBefore(set, token));
        return fewest;
    }

    /// <summary>The latest token before <paramref name="token"/> that any set holds. Every set must hold one.</summary>
    public int LatestBefore(int token)
    {
        int latest = 0;
        for (int set = 0; set < SetCount; set++)
            latest = Math.Max(latest, TokenAt(set, RowsBefore(set, token) - 1));
        return latest;
    }

    /// <summary>Tokens were decoded after the last one.</summary>
    public void Append(int tokens) => Rows += tokens;

    /// <summary>
    /// Tokens were decoded after the last one of a ledger without a tail, and none of those between them: as if an eviction had kept them.
    /// </summary>
    public void AppendHeld(ReadOnlySpan<int> tokens)
    {
        for (int set = 0; set < SetCount; set++)
        {
            Reserve(set, PackedRows + tokens.Length);
            tokens.CopyTo(_packed[set].AsSpan(PackedRows));
        }

        Positions.AppendHeld(tokens);
        PackedRows = Rows = PackedRows + tokens.Length;
        _tail = tokens[^1] + 1;
        CompletePrefix = CountComplete();
    }

    /// <summary>Whether a set holds a token.</summary>
    public bool Holds(int set, int token) =>
        token >= _tail ? token < LogicalLength : _packed[set].AsSpan(0, PackedRows).BinarySearch(token) >= 0;

    /// <summary>Whether every set holds a token.</summary>
    public bool HoldsEverywhere(int token)
    {
        for (int set = 0; set < SetCount; set++)
        {
            if (!Holds(set, token))
                return false;
        }

        return true;
    }

    /// <summary>The share of the rows of some tokens that the (layer, head) pairs hold, 0 to 1.</summary>
    public double HeldShare(TokenRange tokens)
    {
        long rows = 0;
        for (int set = 0; set < SetCount; set++)
            rows += RowsOf(set, tokens) * (long)_sets[set].Heads.Count;
        return rows / ((double)tokens.Length * _sets.HeadCount);
    }

    /// <summary>The rows of some tokens that a set holds.</summary>
    public int RowsOf(int set, TokenRange tokens) => RowsBefore(set, tokens.End) - RowsBefore(set, tokens.Start);

    /// <summary>The rows of a set that are of none of some spans; null for no spans.</summary>
    public int RowsBeside(int set, TokenRange[]? spans) => Rows - (spans?.Sum(span => RowsOf(set, span)) ?? 0);

    /// <summary>How many of some tokens even the set that holds the most of them lacks.</summary>
    public int LackedByAll(int[] tokens)
    {
        int fewest = tokens.Length;
        for (int set = 0; set < SetCount && fewest > 0; set++)
            fewest = Math.Min(fewest, Array.FindAll(tokens, token => !Holds(set, token)).Length);
        return fewest;
    }

    /// <summary>An eviction, a cut or a recall kept these rows.</summary>
    /// <param name="kept">
    /// Rows by their number before, in the order of their tokens, (sets, count), row-major; for a row that came back the complement of its
    /// index in <paramref name="recalled"/>.
    /// </param>
    /// <param name="count">Rows kept in every set.</param>
    /// <param name="length">Tokens of the conversation from now on; no row of a later one is kept.</param>
    /// <param name="recalled">Tokens of which rows came back, ascending.</param>
    public void Pack(ReadOnlySpan<int> kept, int count, int length, ReadOnlySpan<int> recalled = default)
    {
        int[] tokens = ArrayPool<int>.Shared.Rent(count);
        for (int set = 0; set < SetCount; set++)
        {
            for (int row = 0; row < count; row++)
            {
                int before = kept[(set * count) + row];
                tokens[row] = before < 0 ? recalled[~before] : TokenAt(set, before);
            }

            Reserve(set, count);
            tokens.AsSpan(0, count).CopyTo(_packed[set]);
        }

        ArrayPool<int>.Shared.Return(tokens);

        if (length < LogicalLength)
            Positions.Truncate(length);
        (PackedRows, Rows, _tail) = (count, count, length);
        CompletePrefix = CountComplete();
    }

    /// <summary>
    /// The maximum of the first <paramref name="length"/> tokens after which the conversation can be taken up again by dropping the rows
    /// after them.
    /// </summary>
    public int RestorableLength(int length) => length >= _tail ? Math.Min(length, LogicalLength) : Math.Min(length, CompletePrefix);

    /// <summary>Drops the tokens from <paramref name="length"/> on, which must be restorable.</summary>
    public void Truncate(int length)
    {
        Positions.Truncate(length);
        if (length >= _tail)
        {
            Rows = PackedRows + length - _tail;
            return;
        }

        // Every set holds exactly these tokens, as if nothing had been evicted yet.
        (PackedRows, Rows, _tail, CompletePrefix) = (0, length, 0, 0);
    }

    /// <summary>The share of (layer, head) pairs that still hold each token, (LogicalLength), 0 to 1.</summary>
    public float[] Retention()
    {
        int[] holders = new int[LogicalLength];
        for (int set = 0; set < SetCount; set++)
        {
            for (int row = 0; row < PackedRows; row++)
                holders[TokenAt(set, row)] += _sets[set].Heads.Count;
        }

        holders.AsSpan(_tail).Fill(_sets.HeadCount);
        return Array.ConvertAll(holders, count => (float)count / _sets.HeadCount);
    }

    private void Reserve(int set, int rows)
    {
        if (_packed[set].Length < rows)
            Array.Resize(ref _packed[set], rows);
    }

    private int LatestAt(int row)
    {
        int latest = 0;
        for (int set = 0; set < SetCount; set++)
            latest = Math.Max(latest, TokenAt(set, row));
        return latest;
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
        if (CellPosition(row) != row)
            return false;
        for (int set = 0; set < SetCount; set++)
        {
            if (TokenAt(set, row) != row)
                return false;
        }

        return true;
    }
}
