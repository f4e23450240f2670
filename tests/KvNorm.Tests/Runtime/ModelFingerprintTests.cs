using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class ModelFingerprintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200_000)]
    public void Of_SmallFile_DependsOnEveryByte(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        byte[] fingerprint = ModelFingerprint.Of(Write("a", bytes));
        Assert.Equal(ModelFingerprint.Length, fingerprint.Length);
        Assert.Equal(fingerprint, ModelFingerprint.Of(Write("b", bytes)));
        Assert.NotEqual(fingerprint, ModelFingerprint.Of(Write("c", [.. bytes, 0])));
        for (int at = 0; at < length; at += 9_973)
        {
            byte[] other = [.. bytes];
            other[at]++;
            Assert.NotEqual(fingerprint, ModelFingerprint.Of(Write("d", other)));
        }
    }

    [Fact]
    public void Of_LargeFile_SeesItsBeginningItsEndAndItsLength()
    {
        string path = Path.Combine(_folder.Path, "large");
        HashSet<string> seen = [];
        (long Length, long At)[] changes =
            [(64L << 20, 0L), (64L << 20, (64L << 20) - 1), ((64L << 20) + 1, 0L), ((64L << 20) + 31, (64L << 20) + 30)];
        foreach ((long length, long at) in changes)
        {
            using (FileStream file = File.Create(path))
            {
                file.SetLength(length);
                file.Position = at;
                file.WriteByte(1);
            }

            seen.Add(Convert.ToHexString(ModelFingerprint.Of(path)));
        }

        Assert.Equal(4, seen.Count);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
