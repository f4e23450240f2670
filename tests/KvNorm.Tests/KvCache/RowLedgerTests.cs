using FsCheck.Xunit;
using KvNorm.KvCache;

namespace KvNorm.Tests.KvCache;

public sealed class RowLedgerTests
{
    private const int MostPacked = 40;

    [Property(MaxTest = 100)]
    public void Ledger_AnyAppendPackTruncate_AgreesWithPlainLists(int seed, bool renumbered)
    {
        Random random = new(seed);
        int heads = random.Next(1, 5);
        RowLedger ledger = new(heads, MostPacked, renumbered);
        List<int>[] model = [.. Enumerable.Range(0, heads).Select(static _ => new List<int>())];
        int length = 0, tail = 0; // tokens so far; the first one that no eviction has looked at
        for (int step = 0; step < 25; step++)
        {
            switch (random.Next(3))
            {
                case 0:
                    int read = random.Next(1, 20);
                    foreach (List<int> rows in model)
                        rows.AddRange(Enumerable.Range(length, read));
                    length += read;
                    ledger.Append(read);
                    break;
                case 1 when ledger.Rows > 1:
                    tail = length;
                    Pack(random, ledger, model);
                    break;
                default:
                    int wanted = random.Next(length + 3);
                    int restorable = ledger.RestorableLength(wanted);
                    Assert.Equal(Restorable(model, wanted, length, tail), restorable);
                    foreach (List<int> rows in model)
                        rows.RemoveAll(token => token >= restorable);
                    length = restorable;
                    tail = restorable < tail ? 0 : tail;
                    ledger.Truncate(restorable);
                    break;
            }

            AssertAgree(model, length, ledger);
        }
    }

    [Fact]
    public void CompletePrefix_HeadsAgreeAtTheStart_IsThatLong()
    {
        RowLedger ledger = new(2, 5, renumbered: true);
        ledger.Append(10);
        ledger.Pack([0, 1, 2, 4, 9, 0, 1, 2, 3, 9], 5);
        Assert.Equal(3, ledger.CompletePrefix);
        Assert.Equal(3, ledger.RestorableLength(9));
        Assert.Equal(2, ledger.RestorableLength(2));
        Assert.Equal(10, ledger.RestorableLength(10));
    }

    [Fact]
    public void Retention_AfterEviction_IsTheShareOfHeads()
    {
        RowLedger ledger = new(2, 3, renumbered: true);
        ledger.Append(5);
        ledger.Pack([0, 1, 4, 0, 2, 4], 3);
        ledger.Append(1);
        Assert.Equal([1, 0.5f, 0.5f, 0, 1, 1], ledger.Retention());
    }

    [Fact]
    public void CellPosition_RowsKeepTheirs_IsTheLatestOfAnyHead()
    {
        RowLedger ledger = new(2, 3, renumbered: false);
        ledger.Append(8);
        ledger.Pack([0, 3, 7, 1, 2, 7], 3);
        ledger.Append(1);
        Assert.Equal([1, 3, 7, 8], Enumerable.Range(0, 4).Select(ledger.CellPosition));
        Assert.Equal(9, ledger.NextPosition);
    }

    private static void Pack(Random random, RowLedger ledger, List<int>[] model)
    {
        int count = random.Next(1, Math.Min(MostPacked, ledger.Rows));
        int prefix = random.Next(count);
        List<int> kept = [];
        for (int head = 0; head < model.Length; head++)
        {
            int[] others = [.. Enumerable.Range(prefix, ledger.Rows - prefix)];
            random.Shuffle(others);
            int[] rows = [.. Enumerable.Range(0, prefix), .. others.Take(count - prefix).Order()];
            kept.AddRange(rows);
            model[head] = [.. rows.Select(row => model[head][row])];
        }

        ledger.Pack(kept.ToArray(), count);
    }

    // Up to here every head holds what it would hold if nothing behind had ever been read.
    private static int Restorable(List<int>[] model, int wanted, int length, int tail)
    {
        wanted = Math.Min(wanted, length);
        if (wanted >= tail)
            return wanted;
        int complete = 0;
        while (Array.TrueForAll(model, rows => complete < rows.Count && rows[complete] == complete))
            complete++;
        return Math.Min(wanted, complete);
    }

    private static void AssertAgree(List<int>[] model, int length, RowLedger ledger)
    {
        Assert.Equal((model[0].Count, length), (ledger.Rows, ledger.LogicalLength));
        for (int head = 0; head < model.Length; head++)
        {
            int[] tokens = new int[ledger.Rows];
            ledger.CopyTokens(head, tokens);
            Assert.Equal(model[head], tokens);
            Assert.Equal(model[head].Select((token, row) => ledger.Renumbered ? row : token), Enumerable.Range(0, ledger.Rows).Select(row => ledger.RotatedBy(head, row)));
        }

        int[] positions = [.. Enumerable.Range(0, ledger.Rows).Select(ledger.CellPosition)];
        Assert.Equal(positions.Distinct().Order(), positions);
        Assert.Equal(ledger.Renumbered ? ledger.Rows : length, ledger.NextPosition);
        Assert.True(positions.Length == 0 || positions[^1] < ledger.NextPosition);
        Assert.Equal(Enumerable.Range(0, length).Select(token => (float)model.Count(rows => rows.Contains(token)) / model.Length), ledger.Retention());
    }
}
