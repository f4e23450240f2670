using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaLibraryFilesTests
{
    [Theory]
    [InlineData("libllama.so", "llama", true)]
    [InlineData("libllama.v0.5.0.so", "llama", true)]
    [InlineData("libllama.cuda.v0.5.0.so", "llama", true)]
    [InlineData("libllama.dylib", "llama", true)]
    [InlineData("llama.dll", "llama", true)]
    [InlineData("libllama-common.so", "llama", false)]
    [InlineData("libllama.txt", "llama", false)]
    [InlineData("libllama", "llama", false)]
    [InlineData("xllama.so", "llama", false)]
    [InlineData("libggml.v0.5.0.so", "ggml", true)]
    [InlineData("ggml.dll", "ggml", true)]
    [InlineData("libggml-base.so", "ggml", false)]
    [InlineData("libggml-cpu-zen4.so", "ggml", false)]
    [InlineData("libggml-base.so", "ggml-base", true)]
    [InlineData("ggml-base.dll", "ggml-base", true)]
    [InlineData("libggml.so", "ggml-base", false)]
    [InlineData(".so", "llama", false)]
    public void Matches_FileName_IsTheLibraryItself(string file, string name, bool expected) => Assert.Equal(expected, LlamaLibraryFiles.Matches(file, name));

    [Fact]
    public void Find_FolderWithNeighbours_TakesTheLibrary()
    {
        using TemporaryFolder folder = new();
        foreach (string file in new[] { "libggml-base.so", "libggml-cpu-zen4.so", "libggml.v0.5.0.so", "libllama-common.so", "libllama.v0.5.0.so", "readme.txt" })
            folder.Write(file, []);
        Assert.Equal(Path.Combine(folder.Path, "libggml.v0.5.0.so"), LlamaLibraryFiles.Find(folder.Path, "ggml"));
        Assert.Equal(Path.Combine(folder.Path, "libggml-base.so"), LlamaLibraryFiles.Find(folder.Path, "ggml-base"));
        Assert.Equal(Path.Combine(folder.Path, "libllama.v0.5.0.so"), LlamaLibraryFiles.Find(folder.Path, "llama"));
    }

    [Fact]
    public void Find_MissingFolder_NamesItAndTheVariable()
    {
        DllNotFoundException exception = Assert.Throws<DllNotFoundException>(static () => LlamaLibraryFiles.Find("/no/such/folder", "llama"));
        Assert.Contains("/no/such/folder", exception.Message, StringComparison.Ordinal);
        Assert.Contains("KVNORM_LLAMA_DIR", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_MissingFile_NamesItAndTheVariable()
    {
        using TemporaryFolder folder = new();
        folder.Write("libllama-common.so", []);
        DllNotFoundException exception = Assert.Throws<DllNotFoundException>(() => LlamaLibraryFiles.Find(folder.Path, "llama"));
        Assert.Contains("'llama'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, exception.Message, StringComparison.Ordinal);
        Assert.Contains("KVNORM_LLAMA_DIR", exception.Message, StringComparison.Ordinal);
    }
}
