using System.Diagnostics;
using KvNorm.Chat.Conversations;
using KvNorm.Runtime;
using KvNorm.Tests.Runtime;

namespace KvNorm.Tests.Chat.Conversations;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public AtomicFileTests() => _path = Path.Combine(_folder.Path, "file");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WriteAsync_Succeeds_IsTheNewFileAlone(bool exists)
    {
        if (exists)
            await File.WriteAllTextAsync(_path, "a longer text than the new one");
        await AtomicFile.WriteAsync(_path, static stream => stream.WriteAsync("new"u8.ToArray()).AsTask());
        Assert.Equal("new", await File.ReadAllTextAsync(_path));
        Assert.Equal([_path], Directory.GetFileSystemEntries(_folder.Path));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public async Task WriteAsync_FailsInTheMiddle_LeavesTheOldFileAlone()
    {
        await File.WriteAllTextAsync(_path, "old");
        await Assert.ThrowsAsync<InvalidOperationException>(() => AtomicFile.WriteAsync(_path, static async stream =>
        {
            await stream.WriteAsync(new byte[100_000]);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", await File.ReadAllTextAsync(_path));
        Assert.Equal([_path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WriteAsync_PlaceIsAFolder_ThrowsAndLeavesNothingBehind()
    {
        Directory.CreateDirectory(_path);
        await Assert.ThrowsAnyAsync<Exception>(() => AtomicFile.WriteAsync(_path, static _ => Task.CompletedTask));
        Assert.Equal([_path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WriteAsync_KilledSaveLeftAPart_RemovesItAndNoOther()
    {
        string part = "";
        await AtomicFile.WriteAsync(_path, stream =>
        {
            part = Assert.Single(Directory.GetFiles(_folder.Path));
            return Task.CompletedTask;
        });
        Assert.StartsWith(".file.", Path.GetFileName(part), StringComparison.Ordinal);
        string others = part.Replace(".file.", ".file2.", StringComparison.Ordinal);
        await File.WriteAllTextAsync(part, "left by a process that was killed");
        await File.WriteAllTextAsync(others, "left of another file");
        await AtomicFile.WriteAsync(_path, static _ => Task.CompletedTask);
        Assert.Equal([others, _path], Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_WhileAnotherSaveOfTheSameFileRuns_LeavesItsPart()
    {
        TaskCompletionSource written = new(), goOn = new();
        Task slow = AtomicFile.WriteAsync(_path, async stream =>
        {
            await stream.WriteAsync("slow"u8.ToArray());
            written.SetResult();
            await goOn.Task;
        });
        await (await Task.WhenAny(written.Task, slow));
        await AtomicFile.WriteAsync(_path, static stream => stream.WriteAsync("quick"u8.ToArray()).AsTask());
        Assert.Equal("quick", await File.ReadAllTextAsync(_path));
        goOn.SetResult();
        await slow;
        Assert.Equal("slow", await File.ReadAllTextAsync(_path));
        Assert.Equal([_path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_SymbolicLink_WritesWhereItLeads(bool exists)
    {
        string target = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, "elsewhere")).FullName, "target");
        if (exists)
            await File.WriteAllTextAsync(target, "old");
        File.CreateSymbolicLink(_path, target);
        await AtomicFile.WriteAsync(_path, static stream => stream.WriteAsync("new"u8.ToArray()).AsTask());
        Assert.Equal(target, new FileInfo(_path).LinkTarget);
        Assert.Equal("new", await File.ReadAllTextAsync(target));
        Assert.Equal([target], Directory.GetFileSystemEntries(Path.GetDirectoryName(target)!));
    }

    [Fact]
    public async Task WriteAsync_DeviceOrPipe_IsRefused()
    {
        if (!OperatingSystem.IsLinux())
            return; // .NET does not tell them from files
        using (Process mkfifo = Process.Start("mkfifo", [_path]))
            await mkfifo.WaitForExitAsync();
        foreach (string path in new[] { "/dev/null", "/dev/full", _path })
        {
            IOException e = await Assert.ThrowsAsync<IOException>(() => AtomicFile.WriteAsync(path, static _ => Task.CompletedTask));
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
            Assert.False(FileIdentity.IsRegular(path)); // it is still there
        }
    }

    [Fact]
    public async Task WriteAsync_MissingFolder_NamesTheCallersPathAndTheFolder()
    {
        string path = Path.Combine(_folder.Path, "missing", "file");
        IOException e = await Assert.ThrowsAsync<DirectoryNotFoundException>(
            () => AtomicFile.WriteAsync(path, static _ => Task.CompletedTask));
        Assert.Contains($"'{path}'", e.Message, StringComparison.Ordinal);
        Assert.Contains($"'{Path.GetDirectoryName(path)}'", e.Message, StringComparison.Ordinal);
    }

    // As a full disk says it.
    [Fact]
    public async Task WriteAsync_DiskIsFull_NamesTheCallersPathAndWhatToDo()
    {
        await File.WriteAllTextAsync(_path, "old");
        IOException full = new("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
        IOException e = await Assert.ThrowsAsync<IOException>(() => AtomicFile.WriteAsync(_path, _ => throw full));
        Assert.Contains($"'{_path}'", e.Message, StringComparison.Ordinal);
        Assert.Contains("make room", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".kvnorm-part", e.Message, StringComparison.Ordinal);
        Assert.Equal("old", await File.ReadAllTextAsync(_path));
        Assert.Equal([_path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WriteAsync_LongName_IsWritten()
    {
        string path = Path.Combine(_folder.Path, new string('n', 39) + "😀" + new string('n', 200));
        await AtomicFile.WriteAsync(path, static _ => Task.CompletedTask);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();
}
