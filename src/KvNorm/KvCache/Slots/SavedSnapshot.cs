using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// A snapshot in the bytes that leave the process, and back. What comes back is held against the cache it is for before it is used.
/// </summary>
internal static class SavedSnapshot
{
    private const int MaximumPolicyBytes = 256; // and the numbers after the name
    private const int MaximumHeadBytes = sizeof(int) + (sizeof(double) * ScorerStatistics.MaximumNumbers); // statistics of one head
    private const int MaximumStateBytes = 4096; // a state without cells and layers
    private const int MaximumLayerBytes = 64;   // a layer without rows
    private const int CellBytes = 12;           // a cell without rows

    /// <summary>The maximum of bytes that <see cref="WriteLedger"/> writes for a cache.</summary>
    public static long MaximumLedgerBytes(CachePlan plan) =>
        MaximumPolicyBytes
        + (plan.HeadCount * (long)sizeof(int)) // the set of each
        + (plan.Rules.Sets.Count * sizeof(int) * (long)plan.Shares.Most.High)
        + (plan.HeadCount * (long)MaximumHeadBytes);

    /// <summary>The maximum of bytes that the rows of a slot take.</summary>
    public static long MaximumRowBytes(CachePlan plan) =>
        MaximumStateBytes + (plan.HeadCount * (long)MaximumLayerBytes) + (plan.Shares.Most.Cells * (plan.Probe.BytesPerCell + CellBytes));

    /// <summary>Everything but the tokens and the rows.</summary>
    public static byte[] WriteLedger(ConversationSnapshot snapshot, CachePlan plan)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(plan.Policy.Name);
        writer.Write(snapshot.Ledger.Renumbered);
        writer.Write(plan.Probe.TurnsAsInLongContext);
        int[] sets = snapshot.Ledger.PackedRows > 0 ? SetOfEachHead(plan) : [];
        writer.Write(sets.Length);
        foreach (int set in sets)
            writer.Write(set);
        writer.Write(snapshot.Pinned.Prefix);
        writer.Write(snapshot.Pinned.FirstMessageEnd);
        writer.Write(snapshot.Tokens.Length);
        RowLedgerFormat.Write(writer, snapshot.Ledger);
        ScorerStatisticsFormat.Write(writer, snapshot.Statistics);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Makes a snapshot of its parts.</summary>
    /// <param name="plan">What the cache is like that it is for.</param>
    /// <param name="tokens">The logical tokens that the rows are of, or more.</param>
    /// <param name="bytes">What <see cref="WriteLedger"/> wrote.</param>
    /// <param name="state">The rows as a state of that cache's context. The snapshot owns it.</param>
    /// <returns>Null where the cache could not hold it: then the conversation is decoded again.</returns>
    /// <exception cref="InvalidDataException">The parts do not fit together, or not this model.</exception>
    public static ConversationSnapshot? Read(CachePlan plan, int[] tokens, byte[] bytes, StateBuffer state)
    {
        try
        {
            using BinaryReader reader = new(new MemoryStream(bytes));
            string policy = reader.ReadString();
            (bool renumbered, bool turnsAsInLongContext, int heads) = (reader.ReadBoolean(), reader.ReadBoolean(), reader.ReadInt32());
            RowLedger ledger = plan.CreateLedger();
            if (renumbered != ledger.Renumbered || turnsAsInLongContext != plan.Probe.TurnsAsInLongContext)
                return null; // another release of llama.cpp, or a context on the other side of a model's original length
            if (heads != 0 && !HasSets(plan, reader, heads))
                return null; // another granularity, or other layers skipped
            (int prefix, int firstMessageEnd, int length) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            if (prefix < 0 || length < 1 || length > tokens.Length)
                throw new InvalidDataException("the rows are of more tokens than there are");
            RowLedgerFormat.Read(reader, ledger, length);
            if (heads == 0 && ledger.PackedRows > 0)
                throw new InvalidDataException("the ledger does not say which heads hold which rows");
            ScorerStatistics? statistics = ScorerStatisticsFormat.Read(reader, plan.HeadCount);
            if (ledger.Rows > plan.Shares.Most.High)
                return null;
            RequireRowsOf(plan, ledger, state);
            statistics = policy == plan.Policy.Name ? statistics : null;
            prefix = Math.Min(prefix, length);
            PinnedTokens pinned = new(prefix, 0, 0) { FirstMessageEnd = plan.FirstMessage(Math.Min(firstMessageEnd, length), prefix) };
            return new ConversationSnapshot(tokens[..length], pinned, ledger, plan.TakingBack, statistics, state);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new InvalidDataException("the ledger is damaged or ends too soon", e);
        }
    }

    /// <summary>Checks rows of an archive that come from elsewhere.</summary>
    /// <param name="plan">What the cache is like that they are for.</param>
    /// <param name="rows">The rows. At most as many as there are tokens; nothing else is sure.</param>
    /// <param name="ledger">What the cache held of the conversation.</param>
    /// <exception cref="InvalidDataException">They cannot be of such a conversation.</exception>
    public static void RequireArchiveOf(CachePlan plan, ArchivedRows rows, RowLedger ledger)
    {
        if (rows.Tokens[0] < 0 || rows.Tokens[^1] >= ledger.LogicalLength)
            throw new InvalidDataException("the archive is of more tokens than there are");
        int maximum = Math.Max(plan.Model.TrainedLength, plan.Shares.Most.Cells); // no cache is larger
        for (int i = 0; i < rows.Tokens.Length; i++)
        {
            int position = rows.Position(i);
            if (position < 0 || position > rows.Tokens[i] || position >= maximum)
                throw new InvalidDataException("the archive has positions that no token can have had");
        }
    }

    private static int[] SetOfEachHead(CachePlan plan) => [.. Enumerable.Range(0, plan.HeadCount).Select(plan.Rules.Sets.SetOf)];

    private static bool HasSets(CachePlan plan, BinaryReader reader, int heads) =>
        heads == plan.HeadCount && Array.TrueForAll(SetOfEachHead(plan), set => reader.ReadInt32() == set);

    private static void RequireRowsOf(CachePlan plan, RowLedger ledger, StateBuffer buffer)
    {
        SequenceState state = SequenceState.Parse(buffer);
        if (state.CellCount != ledger.Rows || state.TrailingBytes > 0 || state.LayerCount != plan.Rules.Geometry.Layers.Count)
            throw new InvalidDataException("the rows are not as many as the ledger says");
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            LayerGeometry shape = plan.Rules.Geometry.Layers[layer];
            if (state.KeyType(layer) != shape.Key.Type || state.ValueType(layer) != shape.Value.Type
                || state.KeyRow(layer) != shape.Heads * shape.KeyLength || state.ValueRow(layer) != shape.Heads * shape.ValueLength)
                throw new InvalidDataException("the rows have another shape than the model's");
        }

        state.SortByPosition();
        for (int row = 0; row < ledger.Rows; row++)
        {
            if (state.Position(row) != ledger.CellPosition(row))
                throw new InvalidDataException("the rows have other positions than the ledger says");
        }
    }
}
