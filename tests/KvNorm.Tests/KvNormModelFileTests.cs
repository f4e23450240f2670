using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;

namespace KvNorm.Tests;

public sealed class KvNormModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Read_EmbeddedModel_SaysWhatItIs()
    {
        KvNormModelFile file = KvNormModelFile.Read(EmbeddedModel.Path);
        Assert.Equal(("llama", 8192), (file.Architecture, file.TrainedLength));
        Assert.Equal(new FileInfo(EmbeddedModel.Path).Length, file.Bytes);
        Assert.NotNull(file.FileType);
    }

    [Theory]
    [InlineData(15u, "Q4_K_M")]
    [InlineData(38u, "MXFP4_MOE")]
    [InlineData(4u, null)] // a number that was given up
    [InlineData(uint.MaxValue, null)]
    public void Read_FileType_IsItsName(uint number, string? expected)
    {
        GgufWriter writer = new();
        writer.Add("general.file_type", number);
        KvNormModelFile file = KvNormModelFile.Read(_folder.Write("model.gguf", writer.ToArray()));
        Assert.Equal((expected, "", null), (file.FileType, file.Architecture, file.TrainedLength));
    }

    [Theory]
    [InlineData(0u, null)]
    [InlineData(4096u, 4096)]
    [InlineData(uint.MaxValue, null)]
    public void Read_TrainedLength_IsOneThatCanBe(uint number, int? expected)
    {
        GgufWriter writer = new();
        writer.Add("general.architecture", "x");
        writer.Add("x.context_length", number);
        Assert.Equal(expected, KvNormModelFile.Read(_folder.Write("model.gguf", writer.ToArray())).TrainedLength);
    }

    [Fact]
    public void Read_CutFile_IsRefused()
    {
        byte[] whole = TinyModel.Bytes(new TinyModelSettings());
        string path = _folder.Write("model.gguf", whole[..(whole.Length / 2)]);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => KvNormModelFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFile_NamesIt() =>
        Assert.Throws<FileNotFoundException>(() => KvNormModelFile.Read(Path.Combine(_folder.Path, "missing.gguf")));

    public void Dispose() => _folder.Dispose();
}
