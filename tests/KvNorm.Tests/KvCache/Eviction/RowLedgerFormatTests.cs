using System.Runtime.InteropServices;
using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowLedgerFormatTests
{
    [Property(MaxTest = 100)]
    public void Read_WhatWasWritten_SaysTheSame(int seed)
    {
        RowLedger ledger = Random(seed, out int length);
        RowLedger read = Read(Bytes(ledger), ledger.SetCount, length);
        Assert.Equal((ledger.Rows, ledger.PackedRows, ledger.LogicalLength), (read.Rows, read.PackedRows, read.LogicalLength));
        Assert.Equal((ledger.CompletePrefix, ledger.PackedLength), (read.CompletePrefix, read.PackedLength));
        for (int set = 0; set < ledger.SetCount; set++)
            Assert.Equal(Tokens(ledger, set), Tokens(read, set));
    }

    [Theory]
    [InlineData(-1, 3, 5, 8)]              // fewer than no packed rows
    [InlineData(2, 1, 2, 2)]               // fewer rows than packed ones
    [InlineData(4, 7, 3, 6)]               // more packed rows than tokens
    [InlineData(2, 5, 9, 8)]               // an eviction after the last token
    [InlineData(2, 5, 5, 9)]               // rows and tokens since differ
    [InlineData(0, 3, 5, 8)]               // tokens that nothing has evicted have no rows
    [InlineData(1, int.MinValue, 1, 1)]    // a difference beyond all numbers
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue)]
    public void Read_NumbersThatDoNotFit_Throws(int packed, int rows, int tail, int length)
    {
        Exception exception = Assert.ThrowsAny<SystemException>(() => Read(Numbers(packed, rows, tail, 0, 1, 2, 3), 1, length));
        Assert.True(exception is InvalidDataException or EndOfStreamException, exception.ToString());
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(-1, 3)]
    [InlineData(2, 5)]
    public void Read_TokensOutOfOrder_Throws(int first, int second) =>
        Assert.Throws<InvalidDataException>(() => Read(Numbers(2, 2, 5, first, second), 1, 5));

    [Property(MaxTest = 100)]
    public void Read_AnyDamage_ThrowsOrReadsALedger(int seed)
    {
        byte[] bytes = Bytes(Random(seed, out int length));
        Random random = new(seed);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        Exception? exception = Record.Exception(() => Read(bytes[..random.Next(bytes.Length + 1)], 2, length).Retention());
        Assert.True(exception is null or InvalidDataException or EndOfStreamException, exception?.ToString());
    }

    private static int[] Tokens(RowLedger ledger, int set) => [.. Enumerable.Range(0, ledger.Rows).Select(row => ledger.TokenAt(set, row))];

    private static byte[] Numbers(params int[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();

    private static RowLedger Random(int seed, out int length)
    {
        Random random = new(seed);
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: true);
        ledger.Append(random.Next(1, 30));
        if (random.Next(3) > 0)
        {
            int count = random.Next(1, ledger.Rows + 1);
            int[] kept = [.. Enumerable.Range(0, 2).SelectMany(_ => Some(random, ledger.Rows, count))];
            ledger.Pack(kept, count, ledger.LogicalLength);
            ledger.Append(random.Next(10));
        }

        length = ledger.LogicalLength;
        return ledger;
    }

    private static IEnumerable<int> Some(Random random, int rows, int count)
    {
        int[] all = [.. Enumerable.Range(0, rows)];
        random.Shuffle(all);
        return all.Take(count).Order();
    }

    private static byte[] Bytes(RowLedger ledger)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        RowLedgerFormat.Write(writer, ledger);
        return stream.ToArray();
    }

    private static RowLedger Read(byte[] bytes, int sets, int length)
    {
        using BinaryReader reader = new(new MemoryStream(bytes));
        RowLedger ledger = new(RowLedgerTests.Separate(sets), renumbered: true);
        RowLedgerFormat.Read(reader, ledger, length);
        return ledger;
    }
}
