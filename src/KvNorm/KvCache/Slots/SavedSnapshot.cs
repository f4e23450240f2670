using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>A snapshot in the bytes that leave the process, and back. What comes back is held against the cache it is for before it is used.</summary>
internal static class SavedSnapshot
{
    private const int MostPolicyBytes = 256;
    private const int MostHeadBytes = 64 << 10; // statistics of one head
    private const int MostStateBytes = 4096;    // a state without cells and layers
    private const int MostLayerBytes = 64;      // a layer without rows
    private const int CellBytes = 12;           // a cell without rows

    /// <summary>The most bytes that <see cref="WriteLedger"/> writes for a cache.</summary>
    public static long MostLedgerBytes(CachePlan plan) => MostPolicyBytes + (plan.HeadCount * ((sizeof(int) * (long)plan.Capacity.Low) + MostHeadBytes));

    /// <summary>The most bytes that the rows of a slot take.</summary>
    public static long MostRowBytes(CachePlan plan) => MostStateBytes + (plan.HeadCount * (long)MostLayerBytes) + (plan.Capacity.Cells * (plan.Probe.BytesPerCell + CellBytes));

    /// <summary>Everything but the tokens and the rows.</summary>
    public static byte[] WriteLedger(ConversationSnapshot snapshot, CachePlan plan)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(plan.Policy.Name);
        writer.Write(snapshot.Ledger.Renumbered);
        writer.Write(snapshot.Ledger.HeadCount);
        writer.Write(snapshot.Prefix);
        writer.Write(snapshot.Tokens.Length);
        snapshot.Ledger.Write(writer);
        ScorerStatistics.Write(writer, snapshot.Statistics);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Makes a snapshot of its parts.</summary>
    /// <param name="plan">What the cache is like that it is for.</param>
    /// <param name="tokens">The logical tokens that the rows are of, or more.</param>
    /// <param name="ledger">What <see cref="WriteLedger"/> wrote.</param>
    /// <param name="state">The rows as a state of that cache's context. The snapshot owns it.</param>
    /// <returns>Null where the cache could not hold it: then the conversation is read again.</returns>
    /// <exception cref="InvalidDataException">The parts do not fit together, or not this model.</exception>
    public static ConversationSnapshot? Read(CachePlan plan, int[] tokens, byte[] ledger, StateBuffer state)
    {
        try
        {
            using BinaryReader reader = new(new MemoryStream(ledger));
            string policy = reader.ReadString();
            (bool renumbered, int heads, int prefix, int length) = (reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            RowLedger like = plan.CreateLedger();
            if (renumbered != like.Renumbered || heads != like.HeadCount)
                return null; // another way of evicting, such as in another release of llama.cpp
            if (prefix < 0 || length < 1 || length > tokens.Length)
                throw new InvalidDataException("the rows are of more tokens than there are");
            RowLedger rows = RowLedger.Read(reader, like, length);
            ScorerStatistics? statistics = ScorerStatistics.Read(reader, plan.HeadCount);
            if (rows.Rows > plan.Capacity.High)
                return null;
            RequireRowsOf(plan, rows, state);
            return new ConversationSnapshot(tokens[..length], prefix, rows, plan.CanCut, policy == plan.Policy.Name ? statistics : null, state);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("the ledger ends too soon", e);
        }
    }

    private static void RequireRowsOf(CachePlan plan, RowLedger rows, StateBuffer buffer)
    {
        SequenceState state = SequenceState.Parse(buffer);
        if (state.CellCount != rows.Rows || state.TrailingBytes > 0 || state.LayerCount != plan.Probe.Geometry!.Layers.Count)
            throw new InvalidDataException("the rows are not as many as the ledger says");
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            LayerGeometry shape = plan.Probe.Geometry.Layers[layer];
            if (state.KeyRow(layer) != shape.KeyRow || state.ValueRow(layer) != shape.ValueRow)
                throw new InvalidDataException("the rows have another shape than the model's");
        }

        state.SortByPosition();
        for (int row = 0; row < rows.Rows; row++)
        {
            if (state.Position(row) != rows.CellPosition(row))
                throw new InvalidDataException("the rows have other positions than the ledger says");
        }
    }
}
