using System.Buffers.Binary;
using KvNorm.Runtime;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaModelTests
{
    private const int MetadataCountOffset = 16; // behind magic, version and tensor count
    private const int TensorCountOffset = 8;

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(24)]
    [InlineData(60)]
    [InlineData(1000)]
    [InlineData(8000)]
    [InlineData(-500_000)]
    [InlineData(-4)]
    public void Load_TruncatedTinyModel_SaysWhy(int length)
    {
        byte[] whole = TinyModel.Bytes(new TinyModelSettings());
        AssertRefused(whole[..(length > 0 ? length : whole.Length + length)]);
    }

    [Fact]
    public void Load_FirstMegabyteOfTheEmbeddedModel_SaysWhy()
    {
        byte[] start = new byte[1 << 20];
        using (FileStream file = File.OpenRead(EmbeddedModel.Path))
            file.ReadExactly(start);
        AssertRefused(start);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Load_GarbageBehindTheMagic_SaysWhy(int seed)
    {
        byte[] garbage = new byte[4096];
        new Random(seed).NextBytes(garbage);
        "GGUF"u8.CopyTo(garbage);
        AssertRefused(garbage);
    }

    [Theory]
    [InlineData(MetadataCountOffset, ulong.MaxValue)]
    [InlineData(MetadataCountOffset, (ulong)long.MaxValue)]
    [InlineData(MetadataCountOffset, 1UL << 40)]
    [InlineData(MetadataCountOffset, 1000UL)]
    [InlineData(TensorCountOffset, ulong.MaxValue)]
    [InlineData(TensorCountOffset, 1UL << 40)]
    [InlineData(TensorCountOffset, 1000UL)]
    public void Load_CountBeyondTheFile_SaysWhy(int offset, ulong count)
    {
        byte[] bytes = TinyModel.Bytes(new TinyModelSettings());
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), count);
        AssertRefused(bytes);
    }

    [Fact]
    public void Load_UnknownArchitecture_NamesIt()
    {
        string message = AssertRefused(TinyModel.Bytes(new TinyModelSettings { Architecture = "nosuchmodel" }));
        Assert.Contains("nosuchmodel", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CancelledToken_Throws() =>
        Assert.ThrowsAny<OperationCanceledException>(
            static () => LlamaModel.Load(TinyModel.Write(), cancellationToken: new CancellationToken(canceled: true)));

    [Fact]
    public void Load_CancelledOnTheWay_Throws()
    {
        using CancellationTokenSource source = new();
        Progress progress = new(_ => source.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(
            () => LlamaModel.Load(TinyModel.Write(), progress: progress, cancellationToken: source.Token));
        Assert.NotEmpty(progress.Shares);
    }

    [Fact]
    public void Load_ProgressThrows_ThrowsTheSame()
    {
        TimeZoneNotFoundException thrown = new("from the progress");
        Progress progress = new(_ => throw thrown);
        Assert.Same(thrown, Assert.Throws<TimeZoneNotFoundException>(() => LlamaModel.Load(TinyModel.Write(), progress: progress)));
    }

    [Fact]
    public void Load_Progress_RisesToOne()
    {
        Progress progress = new(static _ => { });
        using LlamaModel model = LlamaModel.Load(TinyModel.Write(), progress: progress);
        Assert.Equal(progress.Shares.Order(), progress.Shares);
        Assert.Equal(1, progress.Shares[^1]);
    }

    // Mapped, this would end the process.
    [Fact]
    public async Task Load_NotMapped_FileMayBeCutAfterwards()
    {
        using TemporaryFolder folder = new();
        KvNormChatOptions options = TestClient.Options(cells: 256);
        options.ModelPath = folder.Write("model.gguf", TinyModel.Bytes(new TinyModelSettings()));
        options.UseMemoryMapping = false;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        File.WriteAllBytes(options.ModelPath, []);
        Assert.NotEmpty(await client.AnswerAsync([Conversation.User("hello")], tokens: 3));
    }

    [Fact]
    public void Properties_TinyModel_AreThoseOfTheFile()
    {
        string path = TinyModel.Write(
            new TinyModelSettings { Architecture = "stablelm", Layers = 3, ContextLength = 777, RotatedLength = 20 });
        using LlamaModel model = LlamaModel.Load(path);
        Assert.Equal(
            (3, 777, 32, 32, 20), (model.LayerCount, model.TrainedLength, model.KeyLength, model.ValueLength, model.RotatedLength));
        Assert.Equal((Path.GetFileNameWithoutExtension(path), path), (model.Name, model.Path));
        Assert.Equal(0, model.SlidingWindow);
        Assert.False(model.HasEncoder);
        Assert.Equal(4 * model.ParameterCount, model.Bytes);
        Assert.Contains("stablelm", model.Description, StringComparison.Ordinal);
        Assert.Null(model.Metadata("no.such.key"));
    }

    [Fact]
    public void Metadata_LongerThanAnyBuffer_IsWhole()
    {
        string template = new string('x', 5000) + "end";
        using LlamaModel model = TinyModel.Load(new TinyModelSettings { ChatTemplate = template });
        Assert.Equal(template, model.ChatTemplate);
    }

    private static string AssertRefused(byte[] content)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("damaged.gguf", content);
        Exception? exception = Record.Exception(() => LlamaModel.Load(path));
        Assert.True(exception is InvalidDataException or LlamaException);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("gave no reason", exception.Message, StringComparison.Ordinal);
        return exception.Message;
    }

    /// <summary>Reports on the calling thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Progress(Action<float> report) : IProgress<float>
    {
        public List<float> Shares { get; } = [];

        public void Report(float value)
        {
            Shares.Add(value);
            report(value);
        }
    }
}
