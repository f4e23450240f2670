using KvNorm.Cli.Models;
using KvNorm.Tests.Runtime;
using Spectre.Console;

namespace KvNorm.Cli.Tests.Models;

public sealed class ModelDownloadTests : IAsyncLifetime, IDisposable
{
    private static readonly HubReference Repository = new("some", "model", null);

    private readonly TemporaryFolder _folder = new();
    private HubServer _server = null!;
    private HubConnection _connection = null!;

    private string Target => Path.Combine(_folder.Path, "some", "model.gguf");

    private string Part => $"{Target}.part";

    public async Task InitializeAsync()
    {
        _server = await HubServer.StartAsync();
        _connection = new HubConnection(_server.Address, "secret");
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _connection.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_NothingThere_FetchesTheWholeFile()
    {
        List<long> left = [];
        ModelDownload download = await DownloadAsync();
        Assert.Equal(_server.Content.Length, download.Missing);
        await download.RunAsync(left.Add, CancellationToken.None);
        RequireWhole();
        Assert.Equal(0, left[^1]);
        Assert.True(await download.IsDoneAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(false, 300_000)]
    [InlineData(true, 0)]
    public async Task Run_AfterACut_GoesOnOrBeginsAnew(bool ignoresRange, int resumedFrom)
    {
        _server.CutAfter = 300_000;
        ModelDownload download = await DownloadAsync();
        IOException cut = await Assert.ThrowsAsync<IOException>(() => download.RunAsync(static _ => { }, CancellationToken.None));
        Assert.Contains("The same command goes on", cut.Message, StringComparison.Ordinal);
        File.WriteAllBytes(Part, _server.Content[..300_000]); // how many came before the cut is left to chance
        Assert.False(File.Exists(Target));
        (_server.CutAfter, _server.IgnoresRange) = (null, ignoresRange);

        List<long> left = [];
        Assert.Equal(700_000, download.Missing);
        await download.RunAsync(left.Add, CancellationToken.None);
        RequireWhole();
        Assert.Equal("bytes=300000-", _server.Requests[^1].Range);
        Assert.InRange(left[0], 1, _server.Content.Length - resumedFrom - 1);
        Assert.Equal(ignoresRange, left[0] > 700_000);
    }

    [Fact]
    public async Task Run_Cancelled_KeepsThePart()
    {
        using CancellationTokenSource stop = new();
        ModelDownload download = await DownloadAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download.RunAsync(_ => stop.Cancel(), stop.Token));
        byte[] part = await File.ReadAllBytesAsync(Part);
        Assert.InRange(part.Length, 1, _server.Content.Length - 1);
        Assert.Equal(_server.Content[..part.Length], part);
        Assert.False(File.Exists(Target));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)] // of another file
    [InlineData(1_000_000)] // nothing is asked for
    public async Task Run_WrongHash_LeavesNothing(int held)
    {
        _folder.Write(Path.Combine("some", "model.gguf.part"), new byte[held]);
        _server.NamedHash = new string('a', 64);
        ModelDownload download = await DownloadAsync();
        InvalidDataException exception =
            await Assert.ThrowsAsync<InvalidDataException>(() => download.RunAsync(static _ => { }, CancellationToken.None));
        Assert.Contains(_server.NamedHash, exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task Run_PartTooLong_BeginsAnew()
    {
        _folder.Write(Path.Combine("some", "model.gguf.part"), new byte[_server.Content.Length + 1]);
        await (await DownloadAsync()).RunAsync(static _ => { }, CancellationToken.None);
        RequireWhole();
    }

    [Fact]
    public async Task Run_NoSpace_IsRefusedBeforeAnythingIsAskedFor()
    {
        _server.NamedSize = 1L << 60;
        ModelDownload download = await DownloadAsync();
        IOException exception = await Assert.ThrowsAsync<IOException>(() => download.RunAsync(static _ => { }, CancellationToken.None));
        Assert.Contains("no space", exception.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task IsDone_AnotherFileThere_IsRefused()
    {
        _folder.Write(Path.Combine("some", "model.gguf"), new byte[_server.Content.Length]);
        ModelDownload download = await DownloadAsync();
        await Assert.ThrowsAsync<IOException>(() => download.IsDoneAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Run_RedirectToAnotherHost_DoesNotTakeTheTokenThere()
    {
        await using HubServer other = await HubServer.StartAsync();
        _server.Content.CopyTo(other.Content, 0);
        _server.RedirectTo = $"{other.Address}/elsewhere/model.gguf";
        await (await DownloadAsync()).RunAsync(static _ => { }, CancellationToken.None);
        RequireWhole();
        Assert.All(_server.Requests, static request => Assert.Equal("Bearer secret", request.Authorization));
        Assert.Equal([("/elsewhere/model.gguf", "", "")], other.Requests);
    }

    [Theory]
    [InlineData("http://192.0.2.1/model.gguf", "http://192.0.2.1")]
    [InlineData("ftp://127.0.0.1/model.gguf", "ftp://127.0.0.1")]
    [InlineData("/some/model/resolve/main/model.gguf", "redirects more than")]
    public async Task Run_RedirectThatIsNotFollowed_SaysWhere(string target, string said)
    {
        _server.RedirectTo = target;
        ModelDownload download = await DownloadAsync();
        IOException exception = await Assert.ThrowsAsync<IOException>(() => download.RunAsync(static _ => { }, CancellationToken.None));
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_OnATerminal_SaysHowMuchCame()
    {
        using StringWriter output = new();
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output),
        });
        await PullProgress.ShowAsync(terminal, await DownloadAsync(), CancellationToken.None);
        RequireWhole();
        Assert.Contains("of 1 MiB", output.ToString(), StringComparison.Ordinal);
    }

    private async Task<ModelDownload> DownloadAsync()
    {
        HuggingFaceHub hub = new(_connection);
        return new ModelDownload(hub, Repository, (await hub.ListAsync(Repository, CancellationToken.None)).Single(), Target);
    }

    private void RequireWhole()
    {
        Assert.Equal(_server.Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Part));
    }
}
