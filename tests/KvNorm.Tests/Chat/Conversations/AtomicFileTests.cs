using KvNorm.Chat.Conversations;
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

    public void Dispose() => _folder.Dispose();
}
