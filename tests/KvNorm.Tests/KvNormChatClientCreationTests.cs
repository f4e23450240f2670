using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using LLama.Native;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests;

/// <summary>What cannot be made, and what is said then.</summary>
public sealed class KvNormChatClientCreationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kvnorm-");

    [Fact]
    public void Create_NoSuchFile_NamesIt() =>
        Assert.Contains("nothing.gguf", Refusal<FileNotFoundException>("nothing.gguf"), StringComparison.Ordinal);

    [Fact]
    public void Create_Folder_SaysSo() => Assert.Contains("folder", Refusal<InvalidDataException>(""), StringComparison.Ordinal);

    [Fact]
    public void Create_EmptyFile_SaysSo() => Assert.Contains("empty", Refusal<InvalidDataException>(Write([])), StringComparison.Ordinal);

    [Fact]
    public void Create_TextFile_SaysSo() =>
        Assert.Contains("not a GGUF file", Refusal<InvalidDataException>(Write("GGML, but not quite"u8)), StringComparison.Ordinal);

    [Theory]
    [InlineData(4)]
    [InlineData(20)]
    [InlineData(2000)]
    [InlineData(100_000)]
    public void Create_TruncatedFile_SaysToDownloadItAgain(int bytes) =>
        Assert.Contains(
            "cannot be used",
            Refusal<InvalidDataException>(Write(File.ReadAllBytes(TinyModel.Write()).AsSpan(0, bytes))),
            StringComparison.Ordinal);

    [Fact]
    public void Create_ModelWithoutTemplate_IsNoChatModel()
    {
        string path = TinyModel.Write(new TinyModelSettings { ChatTemplate = null });
        NotSupportedException e = Assert.Throws<NotSupportedException>(
            () => KvNormChatClient.Create(new KvNormChatOptions { ModelPath = path }));
        Assert.Contains(Path.GetFileNameWithoutExtension(path), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_BudgetTooSmall_SaysTheLeast()
    {
        KvNormChatOptions options = new() { ModelPath = TinyModel.Write(), KvCacheBudget = KvCacheBudget.FromBytes(1000) };
        KvCacheBudgetException e = Assert.Throws<KvCacheBudgetException>(() => KvNormChatClient.Create(options));
        Assert.Equal(256, e.RequiredCells);
        Assert.True(e.AvailableCells < 256);
    }

    [Fact]
    public void Named_UnknownPolicy_NamesItAndThoseThereAre()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => EvictionPolicy.Named("luck"));
        Assert.Contains("'luck'", e.Message, StringComparison.Ordinal);
        Assert.All(EvictionPolicy.Names, name => Assert.Contains(name, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Create_WrongOptions_AreNamed()
    {
        Assert.Equal("ModelPath", Refused(options => options.ModelPath = " "));
        Assert.Equal("KvCacheBudget", Refused(options => options.KvCacheBudget = null!));
        Assert.Equal("Policy", Refused(options => options.Policy = null!));
        Assert.Equal("Sampling", Refused(options => options.Sampling = null!));
        Assert.Equal("MaxOutputTokens", Refused(options => options.MaxOutputTokens = 0));
        Assert.Equal("Threads", Refused(options => options.Threads = 0));
        Assert.Equal("Threads", Refused(options => options.Threads = 513));
        Assert.Equal("GpuLayers", Refused(options => options.GpuLayers = -1));
        Assert.Equal("MainGpu", Refused(options => options.MainGpu = -1));
        Assert.Equal("SplitMode", Refused(options => options.SplitMode = (GPUSplitMode)9));
        Assert.Equal("TensorSplit", Refused(options => options.TensorSplit = [1, float.NaN]));
        Assert.Equal("Temperature", Refused(options => options.Sampling = new SamplingOptions { Temperature = float.NaN }));
        Assert.Equal("RecentWindow", Refused(options => options.Policy = EvictionPolicy.Salience with { RecentWindow = 1 }));
        Assert.Equal("Sinks", Refused(options => options.Policy = EvictionPolicy.Salience with { Sinks = -1 }));
    }

    [Fact]
    public void Create_MarksInTheWrongOrder_AreRefused() =>
        Assert.Throws<InvalidOperationException>(() => KvNormChatClient.Create(
            new KvNormChatOptions { KvCacheBudget = KvCacheBudget.FromCells(256) with { LowMark = 0.9, HighMark = 0.5 } }));

    [Fact]
    public async Task Create_OptionsChangedLater_ChangesNothing()
    {
        KvNormChatOptions options = TestClient.Options(256);
        using KvNormChatClient client = KvNormChatClient.Create(options);
        string model = client.GetRequiredService<ChatClientMetadata>().DefaultModelId!;
        (options.ModelPath, options.MaxOutputTokens) = ("elsewhere.gguf", -1);
        ChatResponse response = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, "Hello.")], new ChatOptions { ModelId = model });
        Assert.Equal(model, response.ModelId);
    }

    [Fact]
    public async Task CreateAsync_Cancelled_ThrowsAndTheNextWorks()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => KvNormChatClient.CreateAsync(TestClient.Options(256), cancellationToken: new CancellationToken(canceled: true)));
        Assert.ThrowsAny<OperationCanceledException>(
            () => KvNormChatClient.Create(TestClient.Options(256), cancellationToken: new CancellationToken(canceled: true)));
        using KvNormChatClient client = await KvNormChatClient.CreateAsync(TestClient.Options(256));
        Assert.Equal(256, client.Statistics.Capacity);
    }

    [Fact]
    public void Create_Progress_RisesToOne()
    {
        Steps steps = new();
        using KvNormChatClient client = KvNormChatClient.Create(TestClient.Options(256), progress: steps);
        Assert.Equal(1f, steps.Values[^1]);
        Assert.Equal(steps.Values.Order(), steps.Values);
    }

    [Fact]
    public void Create_ProgressThatThrows_IsThrownOn()
    {
        Steps steps = new() { Failure = new FormatException("no") };
        Assert.Same(steps.Failure, Assert.Throws<FormatException>(() => KvNormChatClient.Create(TestClient.Options(256), progress: steps)));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "model.gguf"), bytes.ToArray());
        return "model.gguf";
    }

    private string Refusal<T>(string file)
        where T : Exception => Assert.Throws<T>(
            () => KvNormChatClient.Create(new KvNormChatOptions { ModelPath = Path.Combine(_folder.FullName, file) })).Message;

    private static string? Refused(Action<KvNormChatOptions> spoil)
    {
        KvNormChatOptions options = TestClient.Options(256);
        spoil(options);
        return Assert.ThrowsAny<ArgumentException>(() => KvNormChatClient.Create(options)).ParamName;
    }

    private sealed class Steps : IProgress<float>
    {
        public List<float> Values { get; } = [];

        public Exception? Failure { get; init; }

        public void Report(float value)
        {
            Values.Add(value);
            if (Failure is not null)
                throw Failure;
        }
    }
}
