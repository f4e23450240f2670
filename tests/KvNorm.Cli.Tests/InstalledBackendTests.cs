using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests;

public sealed class InstalledBackendTests
{
    [Fact]
    public async Task Info_LibrariesOfOthersInTheWorkingDirectory_AreNotTouched()
    {
        using TemporaryFolder folder = new();
        string runtimes = Path.Combine(AppContext.BaseDirectory, "runtimes");
        foreach (string library in Directory.EnumerateFiles(runtimes, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder.Path, Path.GetRelativePath(AppContext.BaseDirectory, library));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await File.WriteAllTextAsync(copy, "This is no library.");
        }

        KvNormProgram.Result result = await KvNormProgram.RunAsync(["info", "--json"], workingDirectory: folder.Path);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }
}
