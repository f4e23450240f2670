using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowLedgerTests
{
    private const int MaximumPacked = 40;

    [Property(MaxTest = 100)]
    public void Ledger_AnyAppendPackTruncate_AgreesWithPlainLists(int seed, bool renumbered)
    {
        Random random = new(seed);
        int heads = random.Next(1, 5);
        RowLedger ledger = new(Separate(heads), renumbered);
        List<int>[] model = [.. Enumerable.Range(0, heads).Select(static _ => new List<int>())];
        int length = 0, tail = 0; // tokens so far; the first one that no eviction has looked at
        for (int step = 0; step < 25; step++)
        {
            switch (random.Next(4))
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
                case 2:
                    int end = random.Next(length + 1), prefix = random.Next(4);
                    int resumable = ResumePoint.Find(ledger, end, prefix, canCut: true);
                    Assert.Equal(Resumable(model, end, length, tail, prefix, renumbered), resumable);
                    if (resumable <= ledger.RestorableLength(resumable))
                        break;
                    Cut(random, ledger, model, resumable);
                    length = tail = resumable;
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
        RowLedger ledger = new(Separate(2), renumbered: true);
        ledger.Append(10);
        ledger.Pack([0, 1, 2, 4, 9, 0, 1, 2, 3, 9], 5, ledger.LogicalLength);
        Assert.Equal(3, ledger.CompletePrefix);
        Assert.Equal(3, ledger.RestorableLength(9));
        Assert.Equal(2, ledger.RestorableLength(2));
        Assert.Equal(10, ledger.RestorableLength(10));
    }

    [Fact]
    public void Retention_AfterEviction_IsTheShareOfHeads()
    {
        RowLedger ledger = new(Separate(2), renumbered: true);
        ledger.Append(5);
        ledger.Pack([0, 1, 4, 0, 2, 4], 3, ledger.LogicalLength);
        ledger.Append(1);
        Assert.Equal([1, 0.5f, 0.5f, 0, 1, 1], ledger.Retention());
    }

    [Fact]
    public void CellPosition_RowsKeepTheirs_IsTheLatestOfAnyHead()
    {
        RowLedger ledger = new(Separate(2), renumbered: false);
        ledger.Append(8);
        ledger.Pack([0, 3, 7, 1, 2, 7], 3, ledger.LogicalLength);
        ledger.Append(1);
        Assert.Equal([1, 3, 7, 8], Enumerable.Range(0, 4).Select(ledger.CellPosition));
        Assert.Equal(9, ledger.NextPosition);
    }

    [Fact]
    public void Pack_ShorterConversation_GoesOnFromThere()
    {
        RowLedger ledger = new(Separate(2), renumbered: true);
        ledger.Append(10);
        ledger.Pack([0, 1, 4, 5, 9, 0, 1, 2, 6, 9], 5, ledger.LogicalLength);
        Assert.Equal((4, 3, 3), (ledger.RowsBefore(0, 6), ledger.RowsBefore(1, 6), ledger.RowsBefore(6)));
        ledger.Pack([0, 1, 3, 0, 1, 2], 3, 6);
        Assert.Equal((3, 3, 6, 3, 2), (ledger.PackedRows, ledger.Rows, ledger.LogicalLength, ledger.NextPosition, ledger.CompletePrefix));
        ledger.Append(2);
        Assert.Equal([1, 1, 0.5f, 0, 0, 0.5f, 1, 1], ledger.Retention());
    }

    // llama.cpp wants the next token right after the last cell.
    [Fact]
    public void CellPosition_LastTokenOfACutInNoHead_IsStillBeforeTheNextPosition()
    {
        RowLedger ledger = new(Separate(2), renumbered: false);
        ledger.Append(20);
        ledger.Pack([0, 1, 2, 4, 19, 0, 1, 2, 6, 19], 5, ledger.LogicalLength);
        ledger.Pack([0, 1, 2, 0, 1, 2], 3, 7);
        Assert.Equal([0, 1, 6], Enumerable.Range(0, 3).Select(ledger.CellPosition));
        Assert.Equal(7, ledger.NextPosition);
    }

    [Fact]
    public void Retention_SetsOfSeveralHeads_CountsHeads()
    {
        RowLedger ledger = new(new RowSets(new RowSet([0, 1, 3], []), new RowSet([2], [])), renumbered: true);
        ledger.Append(3);
        ledger.Pack([0, 2, 1, 2], 2, 3);
        Assert.Equal([0.75f, 0.25f, 1], ledger.Retention());
    }

    [Property(MaxTest = 50)]
    public void Clone_AnyLedger_SaysTheSameAndIsItsOwn(int seed)
    {
        Random random = new(seed);
        RowLedger ledger = new(Separate(3), renumbered: false);
        List<int>[] model = [.. Enumerable.Range(0, 3).Select(static _ => Enumerable.Range(0, 30).ToList())];
        ledger.Append(30);
        Pack(random, ledger, model);
        ledger.Append(5);
        RowLedger clone = ledger.Clone();
        Assert.Equal(ledger.Retention(), clone.Retention());
        float[] before = clone.Retention();
        ledger.Append(1);
        ledger.Pack([0, 1, 0, 1, 0, 1], 2, ledger.LogicalLength);
        Assert.Equal(before, clone.Retention());
    }

    [Fact]
    public void CompletePrefix_PositionsKept_HoldsTokensAtTheirOwnPositions()
    {
        RowLedger ledger = new(Separate(1), renumbered: false);
        ledger.Append(10);
        ledger.Pack([0, 1, 2], 3, 10);
        for (int row = 0; row < ledger.CompletePrefix; row++)
            Assert.Equal(row, ledger.CellPosition(row));
    }

    internal static RowSets Separate(int sets) => new([.. Enumerable.Range(0, sets).Select(static head => new RowSet([head], [head]))]);

    private static void Cut(Random random, RowLedger ledger, List<int>[] model, int length)
    {
        int count = model.Min(rows => rows.Count(token => token < length));
        List<int> kept = [];
        for (int head = 0; head < model.Length; head++)
        {
            Assert.Equal(model[head].Count(token => token < length), ledger.RowsBefore(head, length));
            int[] before = [.. Enumerable.Range(0, ledger.RowsBefore(head, length))];
            random.Shuffle(before);
            int[] rows = [.. before.Take(count).Order()];
            kept.AddRange(rows);
            model[head] = [.. rows.Select(row => model[head][row])];
        }

        Assert.Equal(count, ledger.RowsBefore(length));
        ledger.Pack(kept.ToArray(), count, length);
    }

    private static void Pack(Random random, RowLedger ledger, List<int>[] model)
    {
        int count = random.Next(1, Math.Min(MaximumPacked, ledger.Rows));
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

        ledger.Pack(kept.ToArray(), count, ledger.LogicalLength);
    }

    // Up to here every set holds what it would hold if nothing after it had ever been decoded.
    private static int Restorable(List<int>[] model, int wanted, int length, int tail)
    {
        wanted = Math.Min(wanted, length);
        if (wanted >= tail)
            return wanted;
        return Math.Min(wanted, Complete(model));
    }

    // Inside of what was evicted a cut goes further, if every head holds the prefix and still has something after its complete beginning
    // afterwards,
    // and at least half of what an eviction would keep of these tokens.
    private static int Resumable(List<int>[] model, int wanted, int length, int tail, int prefix, bool renumbered)
    {
        int restorable = Restorable(model, wanted, length, tail), complete = Complete(model);
        int left = model.Min(rows => rows.Count(token => token < wanted)), packed = model[0].Count(token => token < tail);
        if (restorable == wanted || complete < prefix || left <= complete || left < Math.Min(wanted, packed) / 2)
            return restorable;
        return renumbered ? wanted : model.Max(rows => rows.Last(token => token < wanted)) + 1;
    }

    private static int Complete(List<int>[] model)
    {
        int complete = 0;
        while (Array.TrueForAll(model, rows => complete < rows.Count && rows[complete] == complete))
            complete++;
        return complete;
    }

    private static void AssertAgree(List<int>[] model, int length, RowLedger ledger)
    {
        Assert.Equal((model[0].Count, length), (ledger.Rows, ledger.LogicalLength));
        for (int head = 0; head < model.Length; head++)
        {
            int[] tokens = new int[ledger.Rows];
            ledger.CopyTokens(head, tokens);
            Assert.Equal(model[head], tokens);
        }

        int[] positions = [.. Enumerable.Range(0, ledger.Rows).Select(ledger.CellPosition)];
        Assert.Equal(positions.Distinct().Order(), positions);
        Assert.Equal(ledger.Renumbered ? ledger.Rows : length, ledger.NextPosition);
        Assert.True(positions.Length == 0 || positions[^1] < ledger.NextPosition);
        float[] retention =
            [.. Enumerable.Range(0, length).Select(token => (float)model.Count(rows => rows.Contains(token)) / model.Length)];
        Assert.Equal(retention, ledger.Retention());
    }
}
