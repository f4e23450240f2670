using FsCheck;
using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;

namespace KvNorm.Tests;

public sealed class KvCacheBudgetTests
{
    private const long BytesPerCell = 1024; // so that 1 MiB is 1,024 cells

    [Theory]
    [InlineData("24MiB", 24 * 1024)]
    [InlineData("1.5GiB", 1536 * 1024)]
    [InlineData("512KiB", 512)]
    [InlineData(" 1 mib ", 1024)]
    [InlineData("0.5MIB", 512)]
    [InlineData(".5MiB", 512)]
    [InlineData("24M", 24 * 1024)]
    [InlineData("1.5g", 1536 * 1024)]
    [InlineData("512k", 512)]
    [InlineData("25.6MB", 24_832)] // 25,000 cells of 1,024 bytes, in steps of 256
    [InlineData("1GB", 976_384)]
    [InlineData("600KB", 512)]
    [InlineData("1024cells", 1024)]
    [InlineData("1000 Cells", 1000)]
    [InlineData("32cells", 32)]
    public void Parse_Amount_IsThatManyCells(string text, int cells) =>
        Assert.Equal(cells, KvCacheBudget.Parse(text).Resolve(new CellCost(BytesPerCell), 0).Cells);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("24")]
    [InlineData("MiB")]
    [InlineData("24TB")]
    [InlineData("24B")]
    [InlineData("24MiBs")]
    [InlineData("-1MiB")]
    [InlineData("+1MiB")]
    [InlineData("0MiB")]
    [InlineData("1e3MiB")]
    [InlineData("1.2.3MiB")]
    [InlineData("1,5GiB")]
    [InlineData("NaNMiB")]
    [InlineData("∞GiB")]
    [InlineData("31cells")]
    [InlineData("0cells")]
    [InlineData("100.5cells")]
    [InlineData("99999999999cells")]
    [InlineData("999999999999999999999GiB")]
    [InlineData("0.0001KiB")]
    public void Parse_NoAmount_SaysHowToWriteOne(string text)
    {
        FormatException exception = Assert.Throws<FormatException>(() => KvCacheBudget.Parse(text));
        Assert.Contains($"'{text}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("24MiB", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("24MiB", "24 MiB")]
    [InlineData("1.5GiB", "1536 MiB")]
    [InlineData("0.25MiB", "256 KiB")]
    [InlineData("1KiB", "1 KiB")]
    [InlineData("1024cells", "1024 cells")]
    [InlineData(" Auto ", "auto")]
    public void ToString_Budget_CanBeParsedAgain(string text, string written)
    {
        KvCacheBudget budget = KvCacheBudget.Parse(text);
        Assert.Equal(written, budget.ToString());
        Assert.Equal(budget, KvCacheBudget.Parse(written));
    }

    [Fact]
    public void From_NothingOrLess_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => KvCacheBudget.FromBytes(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => KvCacheBudget.FromMebibytes(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => KvCacheBudget.FromMebibytes(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => KvCacheBudget.FromMebibytes(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(static () => KvCacheBudget.FromMebibytes(double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(static () => KvCacheBudget.FromCells(31));
    }

    [Theory]
    [InlineData(1000, 1, 0.5, 1000, 500)]
    [InlineData(1000, 0.9, 0.25, 900, 250)]
    [InlineData(333, 0.5, 0.1, 166, 33)]
    public void Resolve_Marks_AreShares(int cells, double high, double low, int highCells, int lowCells)
    {
        KvCacheBudget budget = KvCacheBudget.FromCells(cells) with { HighMark = high, LowMark = low };
        Assert.Equal(new CacheCapacity(cells, highCells, lowCells), budget.Resolve(new CellCost(BytesPerCell), 0));
    }

    [Theory]
    [InlineData(256 * 1024, 256)]
    [InlineData((512 * 1024) - 1, 256)]
    [InlineData(512 * 1024, 512)]
    [InlineData(700 * 1024, 512)]
    public void Resolve_Bytes_RoundDownToTheStepsOfTheCache(long bytes, int cells) =>
        Assert.Equal(cells, KvCacheBudget.FromBytes(bytes).Resolve(new CellCost(BytesPerCell), 0).Cells);

    [Theory]
    [InlineData(2048, 2048)]
    [InlineData(8192, 4096)]
    [InlineData(0, 4096)]
    public void Resolve_TrainedLength_CapsTheCells(int trained, int cells)
    {
        CacheCapacity capacity = KvCacheBudget.FromCells(4096).Resolve(new CellCost(BytesPerCell), trained);
        Assert.Equal(new CacheCapacity(cells, cells, cells / 2), capacity);
    }

    [Property(MaxTest = 100)]
    public void Resolve_AnyBytes_NeverPassesThem(PositiveInt bytes, PositiveInt perCell)
    {
        long given = (long)bytes.Get * 1_000_003, each = perCell.Get;
        CacheCapacity capacity = KvCacheBudget.FromBytes(given).Resolve(new CellCost(each), 0);
        Assert.Equal(0, capacity.Cells % 256);
        Assert.InRange(given, capacity.Cells * each, ((capacity.Cells + 256L) * each) - 1);
    }

    [Property(MaxTest = 100)]
    public void Resolve_AnyMarksInOrder_LeaveRoomBetween(PositiveInt cells, ushort first, ushort second)
    {
        double low = (Math.Min(first, second) + 1) / 65538.0, high = (Math.Max(first, second) + 2) / 65538.0;
        KvCacheBudget budget = KvCacheBudget.FromCells(31 + cells.Get) with { LowMark = low, HighMark = high };
        CacheCapacity capacity = budget.Resolve(new CellCost(BytesPerCell), 0);
        Assert.True(
            capacity.Low >= 1 && capacity.Low < capacity.High && capacity.High <= capacity.Cells, $"{budget} {low} {high}: {capacity}");
    }

    [Theory]
    [InlineData(32, 0.51, 0.5)]
    [InlineData(100, 0.505, 0.5)]
    [InlineData(32, 0.02, 0.01)]
    [InlineData(1000, 0.9001, 0.9)]
    public void Resolve_MarksCloseTogether_LeaveRoomBetween(int cells, double high, double low)
    {
        KvCacheBudget budget = KvCacheBudget.FromCells(cells) with { LowMark = low, HighMark = high };
        CacheCapacity capacity = budget.Resolve(new CellCost(BytesPerCell), 0);
        Assert.True(capacity.Low >= 1 && capacity.Low < capacity.High && capacity.High <= capacity.Cells, capacity.ToString());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, -0.5)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.4, 0.5)]
    [InlineData(1.1, 0.5)]
    [InlineData(double.NaN, 0.5)]
    [InlineData(1, double.NaN)]
    public void Resolve_MarksOutOfOrder_Throws(double high, double low)
    {
        KvCacheBudget budget = KvCacheBudget.FromCells(1000) with { HighMark = high, LowMark = low };
        Assert.Throws<InvalidOperationException>(() => budget.Resolve(new CellCost(BytesPerCell), 0));
    }

    [Fact]
    public void Resolve_TooFewBytes_SaysHowManyCellsAreNeeded()
    {
        KvCacheBudgetException exception = Assert.Throws<KvCacheBudgetException>(
            static () => KvCacheBudget.FromBytes((256 * BytesPerCell) - 1).Resolve(new CellCost(BytesPerCell), 0));
        Assert.Equal((256L, 255L), (exception.RequiredCells, exception.AvailableCells));
        Assert.Contains("0.25 MiB", exception.Message, StringComparison.Ordinal);
        Assert.Equal(256, KvCacheBudget.FromBytes(exception.RequiredCells * BytesPerCell).Resolve(new CellCost(BytesPerCell), 0).Cells);
    }
}
