namespace KvNorm.KvCache.Eviction;

/// <summary>
/// A ledger in the bytes of a saved conversation: packed rows, rows, tokens at the last eviction, then the tokens of the packed rows, set
/// by set.
/// </summary>
internal static class RowLedgerFormat
{
    public static void Write(BinaryWriter writer, RowLedger ledger)
    {
        writer.Write(ledger.PackedRows);
        writer.Write(ledger.Rows);
        writer.Write(ledger.PackedLength);
        for (int set = 0; set < ledger.SetCount; set++)
        {
            for (int row = 0; row < ledger.PackedRows; row++)
                writer.Write(ledger.TokenAt(set, row));
        }
    }

    /// <summary>
    /// Reads what <see cref="Write"/> wrote into an empty ledger, by repeating what happened to the one that was written.
    /// </summary>
    /// <param name="reader">Where from; not trusted.</param>
    /// <param name="ledger">An empty ledger of as many sets.</param>
    /// <param name="length">The tokens of the conversation.</param>
    /// <exception cref="InvalidDataException">It is no ledger of such a conversation.</exception>
    public static void Read(BinaryReader reader, RowLedger ledger, int length)
    {
        (int packed, int rows, int tail) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        if (packed < 0 || rows < packed || tail < packed || tail > length || rows - packed != length - tail || packed == 0 != (tail == 0))
            throw new InvalidDataException("the rows are not those of the tokens");
        if (packed > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(int) / ledger.SetCount)
            throw new EndOfStreamException();
        int[] kept = new int[ledger.SetCount * packed];
        for (int i = 0; i < kept.Length; i++)
        {
            int token = kept[i] = reader.ReadInt32(), minimum = i % packed == 0 ? 0 : kept[i - 1] + 1;
            if (token < minimum || token >= tail)
                throw new InvalidDataException("the rows are not in the order of the tokens");
        }

        ledger.Append(tail);
        if (packed > 0)
            ledger.Pack(kept, packed, tail); // before the eviction a row's number was its token's
        ledger.Append(rows - packed);
    }
}
