using System.Buffers.Binary;
using System.Security.Cryptography;
using KvNorm.Runtime;

namespace KvNorm.Chat.Conversations;

/// <summary>
/// A saved conversation, little endian: "KVNORMCV", u32 version, the model's fingerprint, i32 the
/// types of keys and of values, five u64 lengths (messages, tokens, ledger,
/// rows, archive), these parts, SHA-256 of all before it. Files come from strangers: every length is held against a limit before anything
/// is allocated for it, and nothing is given out before the checksum is right.
/// </summary>
internal static class ConversationFile
{
    private const uint Version = 7;
    private const int Parts = 5;
    private const int VersionAt = 8, FingerprintAt = 12, TypesAt = FingerprintAt + ModelFingerprint.Length;
    private const int LengthsAt = TypesAt + (2 * sizeof(int));
    private const int HeaderLength = LengthsAt + (Parts * sizeof(ulong));
    private const int Chunk = 64 << 10;
    private const long MaximumMessageBytes = 256 << 20, MaximumTokenBytes = 64 << 20;

    private static ReadOnlySpan<byte> Magic => "KVNORMCV"u8;

    /// <summary>Writes a conversation.</summary>
    /// <param name="destination">Where to; need not seek.</param>
    /// <param name="fingerprint">The model's.</param>
    /// <param name="contents">What to write.</param>
    /// <param name="cancellationToken">Stops in the middle.</param>
    /// <exception cref="ConversationFileException">The conversation is longer than one that is loaded. Nothing was written.</exception>
    public static async Task WriteAsync(
        Stream destination, byte[] fingerprint, ConversationContents contents, CancellationToken cancellationToken)
    {
        if (contents.Messages.Length > MaximumMessageBytes || contents.Tokens.Length > MaximumTokenBytes)
        {
            throw new ConversationFileException(
                $"The conversation is too long to be saved: its messages take {contents.Messages.Length >> 20} MiB and its tokens "
                + $"{contents.Tokens.Length >> 20}, and a file holds {MaximumMessageBytes >> 20} and {MaximumTokenBytes >> 20}.");
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(VersionAt), Version);
        fingerprint.CopyTo(header, FingerprintAt);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(TypesAt), (int)contents.Types.Keys);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(TypesAt + sizeof(int)), (int)contents.Types.Values);
        long archive = contents.Archive is { } records ? sizeof(int) + records.Length : 0;
        long[] lengths = [contents.Messages.Length, contents.Tokens.Length, contents.Ledger.Length, contents.RowsLength, archive];
        for (int part = 0; part < lengths.Length; part++)
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(LengthsAt + (part * sizeof(ulong))), lengths[part]);
        foreach (byte[] part in new[] { header, contents.Messages, contents.Tokens, contents.Ledger })
            await WriteAsync(part).ConfigureAwait(false);

        byte[] chunk = new byte[Chunk];
        await WriteBufferAsync(contents.Rows, contents.RowsStart, contents.RowsLength).ConfigureAwait(false);
        if (contents.Archive is not null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(chunk, contents.ArchiveStart);
            await WriteAsync(chunk.AsMemory(0, sizeof(int))).ConfigureAwait(false);
            await WriteBufferAsync(contents.Archive, 0, contents.Archive.Length).ConfigureAwait(false);
        }

        await destination.WriteAsync(hash.GetHashAndReset(), cancellationToken).ConfigureAwait(false);

        async Task WriteBufferAsync(StateBuffer? buffer, long start, long count)
        {
            for (long at = 0; at < count; at += Chunk)
            {
                int length = (int)Math.Min(Chunk, count - at);
                buffer!.Slice(start + at, length).CopyTo(chunk);
                await WriteAsync(chunk.AsMemory(0, length)).ConfigureAwait(false);
            }
        }

        ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            hash.AppendData(bytes.Span);
            return destination.WriteAsync(bytes, cancellationToken);
        }
    }

    /// <summary>Reads a conversation and checks it.</summary>
    /// <param name="source">Where from; need not seek.</param>
    /// <param name="fingerprint">The model's.</param>
    /// <param name="limits">What this client can take.</param>
    /// <param name="cancellationToken">Stops in the middle.</param>
    /// <exception cref="ConversationFileException">The file is not such a conversation, damaged, newer, or of another model.</exception>
    public static async Task<ConversationContents> ReadAsync(
        Stream source, byte[] fingerprint, ConversationLimits limits, CancellationToken cancellationToken)
    {
        using HashedReader reader = new(source, cancellationToken);
        byte[] header = new byte[HeaderLength];
        if (!await reader.TryFillAsync(header.AsMemory(0, Magic.Length)).ConfigureAwait(false) || !header.AsSpan().StartsWith(Magic))
            throw new ConversationFileException("This is not a conversation that KvNorm saved.");
        await reader.FillAsync(header.AsMemory(Magic.Length)).ConfigureAwait(false);
        long[] lengths = ReadHeader(header, fingerprint);
        byte[] messages = await reader.TakeAsync(lengths[0], MaximumMessageBytes).ConfigureAwait(false);
        byte[] tokens = await reader.TakeAsync(lengths[1], MaximumTokenBytes).ConfigureAwait(false);
        if (ReadTypes(header) != limits.Types || lengths[2] > limits.LedgerBytes || lengths[3] > limits.RowBytes || lengths[3] == 0)
        {
            foreach (long length in lengths[2..])
                await reader.PassAsync(length).ConfigureAwait(false);
            await reader.RequireChecksumAsync().ConfigureAwait(false);
            return new ConversationContents(messages, tokens, [], null, 0, 0);
        }

        byte[] ledger = await reader.TakeAsync(lengths[2], limits.LedgerBytes).ConfigureAwait(false);
        StateBuffer rows = new(), archive = new();
        try
        {
            rows.Resize(limits.RowsStart + lengths[3] + limits.RowsAfter);
            await reader.PassAsync(lengths[3], rows, limits.RowsStart).ConfigureAwait(false);
            int start = await ReadArchiveAsync(reader, lengths[4], limits, archive).ConfigureAwait(false);
            await reader.RequireChecksumAsync().ConfigureAwait(false);
            ConversationContents contents = new(messages, tokens, ledger, rows, limits.RowsStart, lengths[3]);
            return archive.Length > 0 ? contents with { ArchiveStart = start, Archive = archive } : contents;
        }
        catch
        {
            rows.Dispose();
            archive.Dispose();
            throw;
        }
    }

    // Reads the latest tokens of an archive, as many as the client can take, and says which is the first of them.
    private static async Task<int> ReadArchiveAsync(HashedReader reader, long length, ConversationLimits limits, StateBuffer records)
    {
        if (length == 0)
            return 0;
        byte[] start = new byte[sizeof(int)];
        await reader.FillAsync(start).ConfigureAwait(false);
        length -= sizeof(int);
        if (length < 0)
            throw new ConversationFileException("The saved conversation is damaged: its archive ends too soon.");
        long taken = Math.Min(length, limits.ArchiveBytes) / limits.ArchiveRecordBytes * limits.ArchiveRecordBytes;
        long skipped = length - taken;
        await reader.PassAsync(skipped).ConfigureAwait(false);
        if (taken == 0)
            return 0; // without recall nothing is known of its records, so they are not counted
        records.Resize(taken);
        await reader.PassAsync(taken, records).ConfigureAwait(false);
        long first = BinaryPrimitives.ReadInt32LittleEndian(start) + (skipped / limits.ArchiveRecordBytes);
        if (skipped % limits.ArchiveRecordBytes != 0 || first is < 0 or > int.MaxValue)
            throw new ConversationFileException("The saved conversation is damaged: its archive is not of whole tokens.");
        return (int)first;
    }

    private static long[] ReadHeader(ReadOnlySpan<byte> header, byte[] fingerprint)
    {
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[VersionAt..]);
        if (version != Version)
        {
            throw new ConversationFileException(
                $"The conversation was saved in version {version} of the format; this KvNorm reads version {Version}.");
        }

        if (!header.Slice(FingerprintAt, ModelFingerprint.Length).SequenceEqual(fingerprint))
        {
            throw new ConversationFileException(
                "The conversation was saved with another model, whose tokens and rows mean nothing to this one.");
        }

        long[] lengths = new long[Parts];
        for (int part = 0; part < lengths.Length; part++)
        {
            lengths[part] = BinaryPrimitives.ReadInt64LittleEndian(header[(LengthsAt + (part * sizeof(ulong)))..]);
            if (lengths[part] < 0)
                throw new ConversationFileException("The saved conversation is damaged: a length is beyond all bounds.");
        }

        return lengths;
    }

    private static CacheTypes ReadTypes(ReadOnlySpan<byte> header) => new(
        (KvCacheType)BinaryPrimitives.ReadInt32LittleEndian(header[TypesAt..]),
        (KvCacheType)BinaryPrimitives.ReadInt32LittleEndian(header[(TypesAt + sizeof(int))..]));

    /// <summary>Reads parts and sums them up. Memory grows with what really comes.</summary>
    private sealed class HashedReader(Stream source, CancellationToken cancellationToken) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _chunk = new byte[Chunk];

        public async Task<bool> TryFillAsync(Memory<byte> bytes)
        {
            int read = await source
                .ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            _hash.AppendData(bytes.Span[..read]);
            return read == bytes.Length;
        }

        public async Task FillAsync(Memory<byte> bytes)
        {
            if (!await TryFillAsync(bytes).ConfigureAwait(false))
                throw new ConversationFileException("The saved conversation is damaged: it ends too soon.");
        }

        public async Task<byte[]> TakeAsync(long length, long maximum)
        {
            if (length > maximum)
            {
                throw new ConversationFileException(
                    $"The saved conversation is damaged: it announces a part of {length} bytes where {maximum} are the maximum.");
            }

            using MemoryStream taken = new();
            while (taken.Length < length)
            {
                Memory<byte> part = _chunk.AsMemory(0, (int)Math.Min(Chunk, length - taken.Length));
                await FillAsync(part).ConfigureAwait(false);
                taken.Write(part.Span);
            }

            return taken.ToArray();
        }

        public async Task PassAsync(long length, StateBuffer? into = null, long at = 0)
        {
            while (length > 0)
            {
                Memory<byte> part = _chunk.AsMemory(0, (int)Math.Min(Chunk, length));
                await FillAsync(part).ConfigureAwait(false);
                if (into is not null)
                    part.Span.CopyTo(into.Slice(at, part.Length));
                at += part.Length;
                length -= part.Length;
            }
        }

        public async Task RequireChecksumAsync()
        {
            byte[] expected = _hash.GetHashAndReset(), found = new byte[expected.Length];
            await FillAsync(found).ConfigureAwait(false);
            if (!found.AsSpan().SequenceEqual(expected))
                throw new ConversationFileException("The saved conversation is damaged: its checksum is not that of its contents.");
        }

        public void Dispose() => _hash.Dispose();
    }
}
