using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class AutomaticBudgetTests
{
    [Theory]
    [InlineData(0, 1, 0, 1000, 190)] // (half of 900 - 50 - 20) for the cache and a copy of it
    [InlineData(0, 0.25, 0, 1000, 304)] // a copy of a quarter
    [InlineData(10, 1, 1000, 10_000, 870)] // nine tenths of the device, without what decoding takes
    [InlineData(10, 1, 1000, 400, 80)] // the copy must fit into the host
    [InlineData(5, 1, 1000, 10_000, 1740)] // half of the layers on the device
    [InlineData(5, 1, 10_000, 1000, 253)] // and half on the host, with the copy
    [InlineData(10, 1, 10, 10_000, 1)] // nothing left
    [InlineData(0, 1, 0, 0, 1)]
    public void Bytes_WhatIsLeft_IsSharedOut(int layersOnDevice, double copied, long deviceLeft, long hostLeft, long expected)
    {
        Dictionary<string, long> cache = new(StringComparer.Ordinal), compute = new(StringComparer.Ordinal) { [NativeBuffer.Host] = 20 };
        if (layersOnDevice > 0)
            (cache["CUDA0"], compute["CUDA0"]) = (layersOnDevice, 30);
        if (layersOnDevice < 10)
            cache[NativeBuffer.Host] = 10 - layersOnDevice;
        AutomaticBudget budget = new(cache, compute, WeightsOnHost: 100, copied, OtherOnHost: 50);
        Assert.Equal(expected, budget.Bytes(device => device == NativeBuffer.Host ? hostLeft : deviceLeft));
    }

    [Fact]
    public void Bytes_DeviceThatSaysNothing_IsTakenAsFull()
    {
        Dictionary<string, long> cache = new(StringComparer.Ordinal) { ["X0"] = 1 };
        AutomaticBudget budget = new(cache, new Dictionary<string, long>(StringComparer.Ordinal), 0, 1, 0);
        Assert.Equal(1, budget.Bytes(static device => device == NativeBuffer.Host ? 1 << 20 : null));
    }

    // The host has a copy of the largest conversation while rows move, and what comes back into it.
    [Theory]
    [InlineData(false, false, 0.5)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 5 / 6.0)]
    [InlineData(true, true, 5 / 3.0)]
    public void For_ModelOnTheHost_FindsItsCacheThere(bool unified, bool recalls, double copied)
    {
        using LlamaModel model = LlamaModel.Load(TinyModel.Write(), new WeightPlacement(GpuLayers: 0));
        ModelProbe probe = ModelProbe.Run(model, 1);
        AutomaticBudget budget = AutomaticBudget.For(model, probe, slots: 2, unified, recalls, otherOnHost: 7);
        Assert.Equal(NativeBuffer.Host, Assert.Single(budget.CacheOn.Keys));
        Assert.Equal(2 * 256 * probe.BytesPerCell, budget.CacheOn[NativeBuffer.Host], tolerance: 1 << 14);
        Assert.InRange(budget.ComputeOn[NativeBuffer.Host], 1 << 16, 4 << 20);
        Assert.InRange(budget.WeightsOnHost / (double)model.Bytes, 0.98, 1.1);
        Assert.Equal(7, budget.OtherOnHost);
        Assert.Equal(copied, budget.CopiedToHost, 1e-9);
    }

    [Fact]
    public void Create_AutomaticBudget_TakesAllTheModelWasTrainedForWhereItFitsAndSaysSo()
    {
        KvNormChatOptions options = TestClient.Options(256);
        (options.ModelPath, options.ArchiveBytes) = (TinyModel.Write(), 0);
        options.KvCacheBudget = KvCacheBudget.Auto with { LowMark = 0.25 };
        RecordingLogger logger = new();
        using KvNormChatClient client = KvNormChatClient.Create(options, new SingleLoggerFactory(logger));
        Assert.Equal(2048, client.Statistics.Capacity); // 1 MiB
        Assert.Equal(512, client.Cache.Plan.Capacity.Low);
        const string said = "takes 1 MiB: 2048 cells, all the model was trained for";
        Assert.Contains(logger.Lines, static line => line.Text.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Resolve_Automatic_IsKnownOnlyWhenTheCacheIsMade()
    {
        using KvNormChatClient client = TestClient.Embedded();
        Assert.Throws<InvalidOperationException>(() => KvCacheBudget.Auto.GetCells(client.ModelFacts));
    }
}
