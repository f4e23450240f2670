using KvNorm.Cli.Models;
using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests.Models;

public sealed class ModelPlaceTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    [Theory]
    [InlineData("own/a/b/x.gguf", "kvnorm", "")]
    [InlineData(".cache/huggingface/hub/models--a--b/snapshots/1/q/x.GGUF", "Hugging Face", "")]
    [InlineData("hub/models--a--b/snapshots/1/x.gguf", "Hugging Face", "HF_HUB_CACHE=hub")]
    [InlineData("hf/hub/models--a--b/snapshots/1/x.gguf", "Hugging Face", "HF_HOME=hf")]
    [InlineData("cache/huggingface/hub/models--a--b/snapshots/1/x.gguf", "Hugging Face", "XDG_CACHE_HOME=cache")]
    [InlineData("llama/x.gguf", "llama.cpp", "LLAMA_CACHE=llama")]
    [InlineData(".lmstudio/models/a/b/x.gguf", "LM Studio", "")]
    [InlineData(".cache/lm-studio/models/a/b/x.gguf", "LM Studio", "")]
    [InlineData(".cache/huggingface/hub/models--a--b/.no_exist/1/x.gguf", null, "")]
    [InlineData(".cache/huggingface/hub/models--a--b/snapshots/1/x.bin", null, "")]
    [InlineData(".cache/huggingface/hub/models--a--b/snapshots/1/x.gguf", null, "HF_HOME=hf")]
    public void Files_FileSomewhere_IsFoundInItsPlace(string file, string? place, string variable)
    {
        string path = _home.Write(file.Replace('/', Path.DirectorySeparatorChar), []);
        string[] parts = variable.Split('=');
        (string Name, string Path)[] found =
        [
            .. ModelPlace.Of(
                    _home.Path, Path.Combine(_home.Path, "own"), name => name == parts[0] ? Path.Combine(_home.Path, parts[1]) : null)
                .SelectMany(static one => one.Files().Select(path => (one.Name, path))),
        ];
        Assert.Equal(place is null ? [] : [(place, path)], found);
    }

    public void Dispose() => _home.Dispose();
}
