using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests;

/// <summary>What a client says it takes is what the process takes.</summary>
public sealed class KvNormChatClientMemoryTests
{
    [Fact]
    public void GetMemory_NewClient_SaysEachPurposeOnce()
    {
        KvNormChatOptions options = TestClient.Options(512);
        (options.ModelPath, options.GpuLayers, options.ArchiveBytes, options.ParkedBytes) = (TinyModel.Write(), 0, 3000, 4000);
        using KvNormChatClient client = KvNormChatClient.Create(options);
        var bytes = client.GetMemory().ToDictionary(static memory => memory.Purpose, static memory => memory.Bytes);
        Assert.All(client.GetMemory(), static memory => Assert.Equal("CPU", memory.Device));
        Assert.Equal(Enum.GetValues<KvNormMemoryPurpose>(), client.GetMemory().Select(static memory => memory.Purpose));
        Assert.InRange(bytes[KvNormMemoryPurpose.Weights] / (double)client.ModelFacts.Bytes, 0.98, 1.1);
        Assert.Equal(client.Statistics.AllocatedBytes, bytes[KvNormMemoryPurpose.Cache], tolerance: 1 << 14); // hundredths of a MiB
        Assert.InRange(bytes[KvNormMemoryPurpose.Compute], 1, 2 << 20);
        long moved = (long)(512 * (1 / 6.0 + 1 / 2.0)) * (client.ModelFacts.BytesPerCell + sizeof(int)); // rows on their way back
        Assert.Equal(3000 + moved, bytes[KvNormMemoryPurpose.Archive]);
        Assert.Equal(4000, bytes[KvNormMemoryPurpose.Parked]);
    }

    [Fact]
    public void GetMemory_RecallOff_HasNoArchive()
    {
        KvNormChatOptions options = TestClient.Options(256);
        (options.ModelPath, options.Recall) = (TinyModel.Write(), false);
        using KvNormChatClient client = KvNormChatClient.Create(options);
        Assert.DoesNotContain(client.GetMemory(), static memory => memory.Purpose == KvNormMemoryPurpose.Archive);
    }

    [Fact]
    public void GetMemory_LooksAtAttention_HasTheQueriesOfEveryTokenAndOfABatch()
    {
        const int row = 2 * 4 * 32 * 2; // layers, heads, elements, bytes
        const int received = 512 * (1 + (4 * 2)) * 4; // of one head's rows, and by every head's scorer with the token
        Assert.Equal((2 * 512 * row) + received, EvictionBytes("h2o") - EvictionBytes("keynorm"), tolerance: 1 << 12);
        Assert.Equal((2 * 32 * row) + received, EvictionBytes("snapkv") - EvictionBytes("keynorm"), tolerance: 1 << 12);

        static long EvictionBytes(string policy)
        {
            KvNormChatOptions options = TestClient.Options(512);
            (options.ModelPath, options.GpuLayers, options.Policy) = (TinyModel.Write(), 0, EvictionPolicy.Named(policy));
            using KvNormChatClient client = KvNormChatClient.Create(options);
            return client.GetMemory().Single(static memory => memory.Purpose == KvNormMemoryPurpose.Eviction).Bytes;
        }
    }

    // Nothing is copied to the host where cells leave as a whole.
    [Fact]
    public void GetMemory_WholeCells_HasNoRoomForAState()
    {
        KvNormChatOptions options = TestClient.Options(512);
        (options.ModelPath, options.GpuLayers) = (TinyModel.Write(TinyModelSettings.Of("lfm2")), 0);
        using KvNormChatClient client = KvNormChatClient.Create(options);
        Assert.Equal(EvictionMechanism.RemoveCells, client.ModelFacts.Mechanism);
        var bytes = client.GetMemory().ToDictionary(static memory => memory.Purpose, static memory => memory.Bytes);
        Assert.Equal(512 * client.ModelFacts.BytesPerCell, bytes[KvNormMemoryPurpose.Cache], tolerance: 1 << 14);
        Assert.InRange(bytes[KvNormMemoryPurpose.Eviction], 1, 512 * 300); // one head's rows as f32, and scores
        Assert.DoesNotContain(KvNormMemoryPurpose.Archive, bytes.Keys);
    }

    // Two processes do the same with a model that takes next to nothing and with a wide one: what the runtime takes is the same.
    [Fact]
    public async Task GetMemory_AllOfItInUse_IsWhatTheProcessTakesMore()
    {
        TinyModelSettings wide = new() { Layers = 8, Heads = 8, KeyValueHeads = 8, HeadLength = 64, ContextLength = 4096 };
        (long process, long said) small = await MeasureAsync(TinyModel.Write(), 256, 256 * 512);
        (long process, long said) large = await MeasureAsync(TinyModel.Write(wide), 1024, 1024 * 16384);
        double ratio = (large.process - small.process) / (double)(large.said - small.said);
        Assert.True(ratio is > 0.95 and < 1.05, $"{ratio}: {large} and {small}");
    }

    private static async Task<(long Process, long Said)> MeasureAsync(string path, int cells, long archiveBytes)
    {
        long[][] lines = await OwnProcess.RunAsync(ClientMemory.Command, path, $"{cells}", $"{archiveBytes}");
        return (lines[0][0], lines.Skip(1).Sum(static line => line[0]));
    }
}
