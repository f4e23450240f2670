using KvNorm.Runtime.Gguf;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime.Gguf;

public sealed class GgufFileTests
{
    [Fact]
    public void Read_Model_Passes() =>
        Assert.Null(Record.Exception(static () => GgufFile.Read(TinyModel.Write())));

    [Fact]
    public void Read_MissingFile_NamesIt()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "missing.gguf");
        FileNotFoundException exception = Assert.Throws<FileNotFoundException>(() => GgufFile.Read(path));
        Assert.Equal(path, exception.FileName);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Folder_SaysSo()
    {
        using TemporaryFolder folder = new();
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => GgufFile.Read(folder.Path));
        Assert.Contains("folder", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("G", "not a GGUF file")]
    [InlineData("GGU", "not a GGUF file")]
    [InlineData("gguf is written so", "not a GGUF file")]
    [InlineData("<!DOCTYPE html>", "not a GGUF file")]
    public void Read_OtherContent_SaysSo(string content, string said)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("model.gguf", System.Text.Encoding.UTF8.GetBytes(content));
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => GgufFile.Read(path));
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-3e9f)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1025f)]
    public void Read_PartsThatCannotBe_SaysSo(float count)
    {
        GgufWriter file = new();
        file.Add("general.architecture", "llama");
        file.Add("split.count", count);
        using TemporaryFolder folder = new();
        string path = folder.Write("model.gguf", file.ToArray());
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => GgufFile.Read(path));
        Assert.Contains("split.count", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Read_NoPath_Throws(string path) => Assert.Throws<ArgumentException>(() => GgufFile.Read(path));
}
