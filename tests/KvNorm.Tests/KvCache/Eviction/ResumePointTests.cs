using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

/// <summary>The rule on chosen ledgers; RowLedgerTests holds it against plain lists of tokens.</summary>
public sealed class ResumePointTests
{
    [Fact]
    public void Find_InsideTheEvictedPart_CutsWhereEveryHeadHoldsMoreThanTheBeginning()
    {
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: true);
        ledger.Append(10);
        ledger.Pack([0, 1, 2, 4, 9, 0, 1, 2, 6, 9], 5, ledger.LogicalLength);
        Assert.Equal(3, Find(ledger, 3, 0)); // after it the second head holds nothing up to token 6
        Assert.Equal(3, Find(ledger, 6, 0));
        Assert.Equal(7, Find(ledger, 7, 0));
        Assert.Equal(7, Find(ledger, 7, 3));
        Assert.Equal(3, Find(ledger, 7, 4)); // a system prompt that is not whole
        Assert.Equal(10, Find(ledger, 10, 4));
    }

    [Fact]
    public void Find_RowsKeepTheirPositions_IsTheIndexAfterTheLastRow()
    {
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: false);
        ledger.Append(20);
        ledger.Pack([0, 1, 2, 4, 19, 0, 1, 2, 6, 19], 5, ledger.LogicalLength);
        Assert.Equal(7, Find(ledger, 15, 0));
    }

    [Fact]
    public void Find_NothingEvicted_IsWhatWasWanted()
    {
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: true);
        ledger.Append(20);
        Assert.Equal((0, 7, 20, 20), (Find(ledger, 0, 0), Find(ledger, 7, 0), Find(ledger, 20, 0), Find(ledger, 30, 0)));
    }

    [Fact]
    public void Find_RowsCannotBeCut_IsTheCompleteBeginning()
    {
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: true);
        ledger.Append(10);
        ledger.Pack([0, 1, 2, 4, 9, 0, 1, 2, 6, 9], 5, 10);
        Assert.Equal(3, ResumePoint.Find(ledger, 7, 0, canCut: false));
        Assert.Equal(10, ResumePoint.Find(ledger, 10, 0, canCut: false));
    }

    [Fact]
    public void Find_OneSetHoldsLittleThere_IsTheCompleteBeginning()
    {
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: true);
        ledger.Append(40);
        ledger.Pack([0, 1, 2, 3, 4, 5, 6, 7, 8, 39, 0, 1, 20, 31, 32, 33, 34, 35, 36, 39], 10, 40);
        Assert.Equal(2, Find(ledger, 30, 0)); // the second set would leave 3 rows of the 10
        Assert.Equal(34, Find(ledger, 34, 0));
    }

    private static int Find(RowLedger ledger, int wanted, int prefix) => ResumePoint.Find(ledger, wanted, prefix, canCut: true);
}
