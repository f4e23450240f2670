using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class CellSharesTests
{
    [Theory]
    [InlineData(800, 8, 0.5, 0, 50, 450)]
    [InlineData(800, 8, 0.25, 0, 32, 576)]  // the least that a conversation needs
    [InlineData(800, 8, 0.9, 0, 90, 170)]
    [InlineData(800, 2, 0.5, 0, 200, 600)]
    [InlineData(800, 8, 0.5, 300, 50, 300)] // what the model was trained for
    [InlineData(800, 2, 0.5, 100, 50, 100)]
    [InlineData(256, 8, 0.5, 0, 32, 32)]    // nothing left to flow
    public void Of_Unified_IsTheLowMarkOfAnEqualShareToAllThatTheOthersLeave(
        int cells, int slots, double low, int trained, int least, int most)
    {
        KvCacheBudget budget = KvCacheBudget.FromCells(cells) with { LowMark = low };
        CellShares shares = CellShares.Of(budget, new CellCost(1), trained, slots, unified: true);
        Assert.True(shares.Unified);
        Assert.Equal((least, most), (shares.Least.Cells, shares.Most.Cells));
        Assert.Equal(shares.Equal.Cells * slots, shares.Total);
        Assert.InRange(most + ((slots - 1) * least), 1, shares.Total);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(8, false)]
    public void Of_OneSlotOrNotUnified_IsAnEqualShareOfItsOwn(int slots, bool unified)
    {
        CellShares shares = CellShares.Of(KvCacheBudget.FromCells(800), new CellCost(1), 0, slots, unified);
        Assert.False(shares.Unified);
        Assert.Equal((800 / slots, 800), (shares.Equal.Cells, shares.Total));
        Assert.Equal((shares.Equal, shares.Equal), (shares.Least, shares.Most));
    }
}
