using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests.Bench;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task Bench_NoModel_SaysSoInOneSentence()
    {
        using TemporaryFolder folder = new();
        string text = folder.Write("README.md", "This is no model."u8.ToArray());
        Assert.Contains(
            "not a GGUF file", await KvNormProgram.RefusalAsync(["bench", "contention", "--model", text]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_ModelThatCannotBeLoaded_SaysSoInOneSentence()
    {
        string path = TinyModel.Write(new TinyModelSettings { Architecture = "nosuchmodel" });
        Assert.Contains(path, await KvNormProgram.RefusalAsync(["bench", "contention", "--model", path]), StringComparison.Ordinal);
    }
}
