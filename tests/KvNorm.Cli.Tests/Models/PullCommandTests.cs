using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests.Models;

public sealed class PullCommandTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private HubServer _server = null!;

    public async Task InitializeAsync() => _server = await HubServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pull_YesGiven_FetchesTheOnlyFileAndSaysFromWhereAndWhereTo()
    {
        _server.Paths.Add("../outside.gguf"); // not offered
        KvNormProgram.Result result = await PullAsync("some/model", "--yes");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string path = Path.Combine(_folder.Path, "kvnorm", "models", "some", "model", "model.gguf");
        Assert.Equal(_server.Content, await File.ReadAllBytesAsync(path));
        Assert.All(
            [new Uri(_server.Address).Authority, "some/model", "model.gguf (1 MiB)", path],
            said => Assert.Contains(said, result.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", result.Output, StringComparison.Ordinal);
        Assert.Contains("there already", (await PullAsync("some/model")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_NoTerminalAndNoYes_SaysWhatAndFetchesNothing()
    {
        KvNormProgram.Result result = await PullAsync("some/model");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("model.gguf (1 MiB)", result.Output, StringComparison.Ordinal);
        Assert.Contains("--yes", Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Single(_server.Requests); // for the list
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Pull_SeveralFiles_NamesThem()
    {
        _server.Paths.Add("other.gguf");
        KvNormProgram.Result result = await PullAsync("some/model", "--yes");
        Assert.Equal(1, result.ExitCode);
        string error = Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.Contains("model.gguf (1 MiB), other.gguf (1 MiB)", error, StringComparison.Ordinal);
    }

    private Task<KvNormProgram.Result> PullAsync(params string[] arguments) => KvNormProgram.ShellAsync(
        $"HF_ENDPOINT={_server.Address} HF_TOKEN=secret XDG_DATA_HOME='{_folder.Path}' exec \"$@\"", ["pull", .. arguments]);
}
