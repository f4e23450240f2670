using FsCheck.Xunit;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Slots;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.Tests.KvCache.State;

[Collection(nameof(ProcessWideLog))]
public sealed class CellCostTests
{
    [Theory]
    [InlineData(100, 0, 0, 1000, 100_000)]
    [InlineData(100, 500, 64, 512, 512 * 600)]                  // no more cells than the window and a batch
    [InlineData(100, 500, 64, 4096, (4096 * 100) + (768 * 500))] // 64 + 512, rounded up to 256
    [InlineData(100, 500, 256, 4096, (4096 * 100) + (768 * 500))]
    [InlineData(100, 500, 257, 4096, (4096 * 100) + (1024 * 500))]
    public void BytesOf_Cells_CountsNoMoreOfTheWindowThanThereAre(long bytes, long windowBytes, int window, long cells, long expected) =>
        Assert.Equal(expected, new CellCost(bytes, windowBytes, window).BytesOf(cells));

    [Property(MaxTest = 200)]
    public void CellsIn_AnyBytes_FitAndOneMoreDoesNot(byte bytes, byte windowBytes, ushort window, uint budget)
    {
        CellCost cost = new(bytes + 1L, windowBytes, window);
        long cells = cost.CellsIn(budget);
        Assert.True(cost.BytesOf(cells) <= budget);
        Assert.True(cost.BytesOf(cells + 1) > budget);
    }

    [Property(MaxTest = 200)]
    public void BytesOf_OnePool_IsNoMoreThanEqualSharesTake(ushort window, ushort cells, byte sequences)
    {
        CellCost cost = new(100, 500, window);
        Assert.InRange(cost.BytesOf((long)cells * sequences, sequences), 0, cost.BytesOf(cells) * sequences);
    }

    // llama.cpp says how many cells it makes of each kind.
    [Theory]
    [InlineData(false, 768)] // a window of 64 and a batch, rounded up
    [InlineData(true, 1024)] // five windows and a batch
    public void BytesOf_SlidingWindow_IsWhatLlamaMakes(bool unified, int windowCells)
    {
        RecordingLogger logger = new();
        ILogger before = LlamaLog.Logger;
        LlamaLog.Logger = logger;
        try
        {
            using SlotFixture fixture = new(
                KvCacheBudget.FromCells(2048), TinyModelSettings.Of("gemma3"), slots: unified ? 5 : 1, unified: unified);
            CellCost cost = fixture.Probe.Cost;
            Assert.Equal((4L * 2 * 32, 5 * 4L * 2 * 32, 64), (cost.Bytes, cost.WindowBytes, cost.Window));
            Assert.Equal((2048 * cost.Bytes) + (windowCells * cost.WindowBytes), fixture.Pool.Statistics.AllocatedBytes);
            string made = $" SWA KV cache, size = {windowCells} cells";
            Assert.Contains(logger.Lines, line => line.Text.EndsWith(made, StringComparison.Ordinal));
        }
        finally
        {
            LlamaLog.Logger = before;
        }
    }
}
