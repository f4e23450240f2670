using KvNorm.KvCache.Archive;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.Tests.KvCache.Archive;

public sealed class ArchiveSpaceTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"kvnorm-archive-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Take_MemoryFull_TheLeastRecentlyUsedArchiveGivesUpItsOldestTokens()
    {
        using ArchiveRig rig = new(chunks: 4);
        RowArchive old = rig.Space.CreateArchive(), used = rig.Space.CreateArchive();
        ArchiveRig.Append(old, 0, Numbers(0, 12));
        ArchiveRig.Append(used, 0, Numbers(100, 8));
        Assert.Equal((4, 12), (old.Start, old.Length));
        ArchiveRig.Append(used, 8, Numbers(108, 16));
        Assert.Equal((12, 12), (old.Start, old.Length));
        Assert.Equal((8, 24), (used.Start, used.Length)); // then its own
        Assert.Equal(Numbers(108, 16), ArchiveRig.Read(used, ArchiveRig.Held(used)));
        Assert.Equal(4 * ArchiveRig.Layout.ChunkBytes, rig.Space.Bytes);
    }

    // A chunk that another archive still refers to would free nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Take_FullOfWhatTwoShare_BothGiveUpNoMoreThanIsNeeded(bool inAFile)
    {
        using ArchiveRig rig = inAFile ? new(chunks: 1, _folder, fileChunks: 3) : new(chunks: 4);
        RowArchive archive = rig.Space.CreateArchive();
        ArchiveRig.Append(archive, 0, Numbers(0, 16));
        RowArchive shared = archive.Share();
        ArchiveRig.Append(archive, 16, Numbers(16, 4));
        Assert.Equal((4, 20), (archive.Start, archive.Length));
        Assert.Equal((4, 16), (shared.Start, shared.Length));
        Assert.Equal(Numbers(4, 16), ArchiveRig.Read(archive, ArchiveRig.Held(archive)));
        Assert.Equal(Numbers(4, 12), ArchiveRig.Read(shared, ArchiveRig.Held(shared)));
    }

    [Fact]
    public void Take_MemoryFull_OneThatIsUsedAgainGivesUpLast()
    {
        using ArchiveRig rig = new(chunks: 4);
        RowArchive slot = rig.Space.CreateArchive(), idle = rig.Space.CreateArchive(), used = rig.Space.CreateArchive();
        ArchiveRig.Append(idle, 0, Numbers(0, 8));
        RowArchive parked = rig.Space.CreateArchive();
        ArchiveRig.Append(parked, 0, Numbers(50, 4));
        slot.CopyFrom(parked);
        parked.Dispose();
        slot.Touch();
        ArchiveRig.Append(used, 0, Numbers(100, 8));
        Assert.Equal((4, 8), (idle.Start, idle.Length));
        Assert.Equal((0, 4), (slot.Start, slot.Length));
    }

    // To be parked or saved is no use.
    [Fact]
    public void Take_MemoryFull_OneThatWasIdleGivesUpFirstThoughItWasShared()
    {
        using ArchiveRig rig = new(chunks: 4);
        RowArchive old = rig.Space.CreateArchive(), used = rig.Space.CreateArchive();
        ArchiveRig.Append(old, 0, Numbers(0, 8));
        ArchiveRig.Append(used, 0, Numbers(50, 8));
        RowArchive parked = old.Share();
        old.Dispose();
        ArchiveRig.Read(parked, ArchiveRig.Held(parked));
        ArchiveRig.Append(rig.Space.CreateArchive(), 0, Numbers(100, 4));
        Assert.Equal((4, 0), (parked.Start, used.Start));
    }

    [Fact]
    public void Take_MemoryFullWithAFolder_TheOldestGoToTheFileUpToItsBound()
    {
        using ArchiveRig rig = new(chunks: 2, _folder, fileChunks: 3);
        RowArchive archive = rig.Space.CreateArchive();
        ArchiveRig.Append(archive, 0, Numbers(0, 20));
        Assert.Equal((0, 20), (archive.Start, archive.Length));
        Assert.Equal(Numbers(0, 20), ArchiveRig.Read(archive, ArchiveRig.Held(archive)));
        ArchiveRig.Append(archive, 20, Numbers(20, 10));
        Assert.Equal((12, 30), (archive.Start, archive.Length));
        Assert.Equal(Numbers(12, 18), ArchiveRig.Read(archive, ArchiveRig.Held(archive)));
        Assert.Equal((2L * ArchiveRig.Layout.ChunkBytes, 3L * ArchiveRig.Layout.ChunkBytes), (rig.Space.Bytes, rig.Space.FileBytes));
    }

    [Fact]
    public void File_WhileInUseAndAfter_LeavesNothingBehind()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "kvnorm-killed.archive"), "of a process that was killed");
        File.WriteAllText(Path.Combine(_folder, "mine.txt"), "");
        using (ArchiveRig one = new(chunks: 1, _folder, fileChunks: 3), other = new(chunks: 1, _folder, fileChunks: 3))
        {
            RowArchive[] archives = [one.Space.CreateArchive(), other.Space.CreateArchive()];
            ArchiveRig.Append(archives[0], 0, Numbers(0, 10));
            ArchiveRig.Append(archives[1], 0, Numbers(50, 10));
            Assert.Equal(Numbers(0, 10), ArchiveRig.Read(archives[0], ArchiveRig.Held(archives[0])));
            Assert.Equal(Numbers(50, 10), ArchiveRig.Read(archives[1], ArchiveRig.Held(archives[1])));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(["mine.txt"], Names());
        }

        Assert.Equal(["mine.txt"], Names());
    }

    [Fact]
    public void File_FolderCannotBeMade_WarnsOnceAndKeepsWhatIsInMemory()
    {
        File.WriteAllText(_folder, "a file where the folder should be");
        try
        {
            RecordingLogger logger = new();
            using ArchiveRig rig = new(chunks: 2, Path.Combine(_folder, "below"), fileChunks: 3, logger);
            RowArchive archive = rig.Space.CreateArchive();
            ArchiveRig.Append(archive, 0, Numbers(0, 30));
            Assert.Equal((24, 30), (archive.Start, archive.Length));
            Assert.Equal(Numbers(24, 6), ArchiveRig.Read(archive, ArchiveRig.Held(archive)));
            Assert.Equal(LogLevel.Warning, Assert.Single(logger.Lines).Level);
        }
        finally
        {
            File.Delete(_folder);
        }
    }

    // On Windows a folder with an open file in it cannot go.
    [Fact]
    public void File_FolderVanishes_GoesOnAsIfItWereThere()
    {
        if (OperatingSystem.IsWindows())
            return;
        RecordingLogger logger = new();
        using ArchiveRig rig = new(chunks: 1, _folder, fileChunks: 100, logger);
        RowArchive archive = rig.Space.CreateArchive();
        ArchiveRig.Append(archive, 0, Numbers(0, 10));
        Directory.Delete(_folder, recursive: true);
        ArchiveRig.Append(archive, 10, Numbers(10, 10));
        Assert.Equal(Numbers(0, 20), ArchiveRig.Read(archive, ArchiveRig.Held(archive)));
        Assert.Empty(logger.Lines);
    }

    private static int[] Numbers(int first, int count) => [.. Enumerable.Range(first, count)];

    private string[] Names() => [.. Directory.EnumerateFileSystemEntries(_folder).Select(path => Path.GetFileName(path)!)];
}
