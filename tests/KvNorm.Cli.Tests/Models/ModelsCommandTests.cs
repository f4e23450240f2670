using System.Text.Json;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests.Models;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Models_Json_HasTheEmbeddedModelAndThoseOfTheUser()
    {
        string own = _folder.Write(Path.Combine("kvnorm", "models", "a", "b", "x.gguf"), TinyModel.Bytes(new TinyModelSettings()));
        KvNormProgram.Result result = await KvNormProgram.ShellAsync(
            $"HOME='{_folder.Path}' XDG_DATA_HOME='{_folder.Path}' exec \"$@\"", ["models", "--json"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal(2, json.RootElement.GetArrayLength());
        Assert.Equal(("embedded", 8192), (Text(json, 0, "place"), json.RootElement[0].GetProperty("trainedLength").GetInt32()));
        Assert.Equal(("kvnorm", own, "llama"), (Text(json, 1, "place"), Text(json, 1, "path"), Text(json, 1, "architecture")));
        Assert.Equal(new FileInfo(own).Length, json.RootElement[1].GetProperty("bytes").GetInt64());
    }

    public void Dispose() => _folder.Dispose();

    private static string? Text(JsonDocument json, int index, string name) => json.RootElement[index].GetProperty(name).GetString();
}
