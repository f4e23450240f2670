using System.CommandLine;
using LLama.Native;

namespace KvNorm.Cli.Tests;

public sealed class ModelOptionsTests
{
    [Fact]
    public void Read_NothingGiven_IsTheEmbeddedModelIn24MiB()
    {
        KvNormChatOptions options = Read("");
        Assert.Equal(new KvNormChatOptions().ModelPath, options.ModelPath);
        Assert.Equal(KvCacheBudget.FromMebibytes(24), options.KvCacheBudget);
        Assert.Equal(EvictionPolicy.Salience, options.Policy);
        Assert.Equal((KvCacheType.F16, KvCacheType.F16), (options.CacheTypeK, options.CacheTypeV));
        Assert.Null(options.Threads);
        Assert.Null(options.GpuLayers);
    }

    [Fact]
    public void Read_EverythingGiven_IsTaken()
    {
        KvNormChatOptions options = Read(
            "--model m.gguf --cells 300 --policy KeyNorm --granularity all --keep 0.75 --recent 0.5 --seed 7 --threads 3 --gpu-layers 0"
            + " --cache-type-k q8_0 --cache-type-v BF16"
            + " --main-gpu 1 --split-mode row --tensor-split 3,1.5");
        Assert.Equal("m.gguf", options.ModelPath);
        Assert.Equal(KvCacheBudget.FromCells(300) with { LowMark = 0.75 }, options.KvCacheBudget);
        Assert.Equal(
            EvictionPolicy.Named("keynorm") with { Granularity = EvictionGranularity.All, RecentWindow = 0.5, Seed = 7 }, options.Policy);
        Assert.Equal((KvCacheType.Q8_0, KvCacheType.BF16), (options.CacheTypeK, options.CacheTypeV));
        Assert.Equal(3, options.Threads);
        Assert.Equal((0, 1, GPUSplitMode.Row), (options.GpuLayers, options.MainGpu, options.SplitMode));
        Assert.Equal([3, 1.5f], options.TensorSplit);
    }

    [Theory]
    [InlineData("--budget 1.5GiB", 1536)]
    [InlineData("--budget 48mib", 48)]
    public void Read_Budget_IsAnAmountOfMemory(string arguments, double mebibytes) =>
        Assert.Equal(KvCacheBudget.FromMebibytes(mebibytes), Read(arguments).KvCacheBudget);

    [Theory]
    [InlineData("--keep 0")]
    [InlineData("--keep 1")]
    [InlineData("--keep NaN")]
    [InlineData("--recent 1")]
    [InlineData("--recent NaN")]
    [InlineData("--cells 31")]
    [InlineData("--cells -2147483648")]
    [InlineData("--budget 1MiB --cells 300")]
    [InlineData("--main-gpu -1")]
    [InlineData("--threads 100000")]
    [InlineData("--archive foo")]
    [InlineData("--archive 1024cells")]
    [InlineData("--archive auto")]
    [InlineData("--tensor-split 1,x")]
    [InlineData("--tensor-split 1,NaN")]
    [InlineData("--tensor-split -1")]
    [InlineData("--policy luck")]
    public void Read_OutOfRange_IsAnArgumentError(string arguments) => Assert.ThrowsAny<ArgumentException>(() => Read(arguments));

    private static KvNormChatOptions Read(string arguments)
    {
        ModelOptions options = new();
        Command command = new("test");
        options.AddTo(command);
        ParseResult parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return options.Read(parsed);
    }
}
