using System.Runtime.InteropServices;

namespace KvNorm.Tests.Cli;

/// <summary>KVNORM_LLAMA_DIR pointing at what is no llama.cpp: a sentence, not a crash.</summary>
public sealed class LlamaDirectoryTests : IDisposable
{
    private static readonly string[] Names = OperatingSystem.IsWindows() ? ["llama.dll", "ggml.dll", "ggml-base.dll"] : ["libllama.so", "libggml.so", "libggml-base.so"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kvnorm-");

    [Fact]
    public async Task Info_EmptyFolder_SaysWhatIsMissing()
    {
        string error = await KvNormProgram.RefusalAsync(["info"], "", _folder.FullName);
        Assert.Contains(_folder.FullName, error, StringComparison.Ordinal);
        Assert.Contains("ggml-base", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_NoFolder_SaysSo() =>
        Assert.Contains("no folder", await KvNormProgram.RefusalAsync(["info"], "", Path.Combine(_folder.FullName, "none")), StringComparison.Ordinal);

    [Fact]
    public async Task Info_TextFilesNamedLikeLibraries_SaysThatTheyCannotBeLoaded()
    {
        foreach (string name in Names)
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), "This is no library.");
        Assert.Contains("could not be loaded", await KvNormProgram.RefusalAsync(["info"], "", _folder.FullName), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_ForeignLibrariesUnderTheNames_SaysThatTheyAreOthers()
    {
        foreach (string name in Names)
            File.Copy(ForeignLibrary(), Path.Combine(_folder.FullName, name));
        string error = await KvNormProgram.RefusalAsync(["info"], "", _folder.FullName);
        Assert.Contains("no version", error, StringComparison.Ordinal);
        Assert.Contains("KVNORM_LLAMA_DIR", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_OurOwnFolderNamed_Works()
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(["info", "--json"], "", Path.Combine(AppContext.BaseDirectory, "llama"));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // A native library that is certainly here and certainly another one: the runtime's own.
    private static string ForeignLibrary() =>
        Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*System.Native.*").First(file => !file.EndsWith(".a", StringComparison.Ordinal));
}
