using System.Buffers.Binary;
using System.Security.Cryptography;
using KvNorm.Runtime.Gguf;

namespace KvNorm.Runtime;

/// <summary>What tells models apart without reading gigabytes.</summary>
internal static class ModelFingerprint
{
    /// <summary>Bytes of a fingerprint.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    // Of every tensor, since models are made of each other: some layers trained on, others as they were. Training and quantising change a
    // tensor everywhere.
    private const int Blocks = 4;
    private const int BlockLength = 16 << 10;

    /// <summary>
    /// SHA-256 over, for each part of a model, its length, its whole header, and of every tensor 4 blocks of 16 KiB, spread evenly from its
    /// beginning to its end; a small tensor as a whole.
    /// </summary>
    /// <param name="parts">The parts, as they were read.</param>
    /// <exception cref="IOException">A file can no longer be read, or has become shorter.</exception>
    public static byte[] Of(IReadOnlyList<GgufFile> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[Blocks * BlockLength];
        foreach (GgufFile part in parts)
        {
            using FileStream file = new(part.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            BinaryPrimitives.WriteInt64LittleEndian(block, file.Length);
            hash.AppendData(block, 0, sizeof(long));
            long dataStart = Math.Min(part.Header.DataStart, file.Length); // without tensors a part may end before
            for (long at = 0; at < dataStart; at += block.Length)
                Append(file, at, (int)Math.Min(block.Length, dataStart - at));
            foreach (GgufTensor tensor in part.Header.Tensors.Values.OrderBy(static tensor => tensor.Start))
                AppendTensor(file, tensor);
        }

        return hash.GetHashAndReset();

        void AppendTensor(FileStream file, GgufTensor tensor)
        {
            if (tensor.Length <= block.Length)
            {
                Append(file, tensor.Start, (int)tensor.Length);
                return;
            }

            for (int i = 0; i < Blocks; i++)
                Append(file, tensor.Start + ((tensor.Length - BlockLength) * i / (Blocks - 1)), BlockLength);
        }

        void Append(FileStream file, long at, int length)
        {
            file.Position = at;
            file.ReadExactly(block, 0, length);
            hash.AppendData(block, 0, length);
        }
    }
}
