using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KvNorm.Runtime;

/// <summary>What tells model files apart without reading gigabytes.</summary>
internal static class ModelFingerprint
{
    /// <summary>Bytes of a fingerprint.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int Blocks = 64;
    private const int BlockLength = 64 << 10;

    /// <summary>
    /// SHA-256 over a file's length and 64 blocks of 64 KiB, spread evenly from its beginning to its end; over a small file as a whole.
    /// </summary>
    public static byte[] Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockLength];
        BinaryPrimitives.WriteInt64LittleEndian(block, file.Length);
        hash.AppendData(block, 0, sizeof(long));
        bool whole = file.Length <= (long)Blocks * BlockLength;
        for (int i = 0; i < Blocks; i++)
        {
            file.Position = whole ? Math.Min((long)i * BlockLength, file.Length) : (file.Length - BlockLength) * i / (Blocks - 1);
            hash.AppendData(block, 0, file.ReadAtLeast(block, BlockLength, throwOnEndOfStream: false));
        }

        return hash.GetHashAndReset();
    }
}
