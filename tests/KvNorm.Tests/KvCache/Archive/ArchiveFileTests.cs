using KvNorm.KvCache.Archive;

namespace KvNorm.Tests.KvCache.Archive;

public sealed class ArchiveFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kvnorm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Write_PlacesGivenUp_AreUsedAgainWithinTheBound()
    {
        using ArchiveFile file = new(_folder.FullName, maximumBytes: 8, chunkBytes: 4);
        Assert.Equal((0, 1), (file.Write("abcd"u8), file.Write("efgh"u8)));
        Assert.False(file.HasRoom);
        file.Free(0);
        Assert.True(file.HasRoom);
        Assert.Equal(0, file.Write("ijkl"u8));
        Assert.Equal(8, file.Bytes);
        Span<byte> read = stackalloc byte[4];
        file.Read(0, read);
        Assert.Equal("ijkl"u8, read);
        file.Read(1, read);
        Assert.Equal("efgh"u8, read);
    }

    [Fact]
    public void Read_FileIsShorterThanWhatWasWritten_Throws()
    {
        using ArchiveFile file = new(_folder.FullName, maximumBytes: 100, chunkBytes: 4);
        file.Write("abcd"u8);
        Assert.Throws<EndOfStreamException>(() => file.Read(3, new byte[4]));
    }
}
