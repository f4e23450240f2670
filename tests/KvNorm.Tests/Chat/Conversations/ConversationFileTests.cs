using System.Buffers.Binary;
using System.Security.Cryptography;
using FsCheck.Xunit;
using KvNorm.Chat.Conversations;
using KvNorm.Runtime;

namespace KvNorm.Tests.Chat.Conversations;

/// <summary>What is written comes back, and nothing else is taken for it.</summary>
public sealed class ConversationFileTests
{
    private const int Before = 12, After = 8; // bytes that readers leave free around the rows
    private const int TypesAt = 44, LengthsAt = 52;
    private const int LedgerLengthAt = LengthsAt + 16, RowsLengthAt = LengthsAt + 24, ArchiveLengthAt = LengthsAt + 32;

    private static readonly byte[] Fingerprint = SHA256.HashData("a model"u8);
    private static readonly byte[] Archive = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]; // two tokens, the first of them is 7

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)] // more than one piece
    public async Task ReadAsync_WhatWasWritten_ComesBack(int rows)
    {
        byte[] file = await WriteAsync(rows);
        using ConversationContents contents = await ReadAsync(file);
        Assert.Equal("[\"hello\"]"u8, contents.Messages);
        Assert.Equal(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0 }, contents.Tokens);
        Assert.Equal(rows, contents.RowsLength);
        Assert.Equal(rows > 0, contents.Rows is not null);
        if (contents.Rows is null)
            return;
        Assert.Equal(new byte[] { 9, 8, 7 }, contents.Ledger);
        Assert.Equal(Before + rows + After, contents.Rows.Length);
        Assert.Equal(Rows(rows), contents.Rows.Slice(Before, rows).ToArray());
    }

    [Fact]
    public async Task ReadAsync_OneByteAtATime_ComesBack()
    {
        using OneByteStream stream = new(await WriteAsync(100));
        using ConversationContents contents = await ConversationFile.ReadAsync(
            stream, Fingerprint, Limits(1000), CancellationToken.None);
        Assert.Equal(100, contents.RowsLength);
    }

    [Fact]
    public async Task ReadAsync_AnyByteChanged_IsRefused()
    {
        byte[] file = await WriteAsync(40);
        for (int at = 0; at < file.Length; at++)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= 0x10;
            await Assert.ThrowsAsync<ConversationFileException>(() => ReadAsync(damaged));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    public async Task ReadAsync_ShortFileOfAnotherKind_SaysThatItIsNone(string text) =>
        Assert.Contains(
            "not a conversation",
            (await Assert.ThrowsAsync<ConversationFileException>(() => ReadAsync([.. text.Select(static c => (byte)c)]))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task ReadAsync_CutAnywhere_IsRefused()
    {
        byte[] file = await WriteAsync(40);
        for (int length = 0; length < file.Length; length++)
            await Assert.ThrowsAsync<ConversationFileException>(() => ReadAsync(file[..length]));
    }

    [Theory]
    [InlineData(0, "not a conversation that KvNorm saved")]
    [InlineData(8, "version 263")]
    [InlineData(12, "another model")]
    public async Task ReadAsync_OtherHeader_SaysWhy(int at, string said)
    {
        byte[] file = await WriteAsync(40);
        file[at + (at == 8 ? 1 : 0)]++;
        Assert.Contains(
            said, (await Assert.ThrowsAsync<ConversationFileException>(() => ReadAsync(file))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LengthsAt, long.MaxValue)]
    [InlineData(LengthsAt, -1L)]
    [InlineData(LengthsAt, 8L << 30)]
    [InlineData(LengthsAt + 8, 8L << 30)]
    [InlineData(LedgerLengthAt, long.MaxValue)]
    [InlineData(RowsLengthAt, long.MaxValue)]
    [InlineData(RowsLengthAt, 900L)]
    [InlineData(ArchiveLengthAt, long.MaxValue)]
    [InlineData(ArchiveLengthAt, -1L)]
    [InlineData(ArchiveLengthAt, 3L)]
    [InlineData(ArchiveLengthAt, 8L << 30)]
    public async Task ReadAsync_AnnouncesMoreThanThereIs_IsRefusedWithoutTheMemory(int at, long length)
    {
        byte[] file = await WriteAsync(40);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at), length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        await Assert.ThrowsAsync<ConversationFileException>(() => ReadAsync(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData((256 << 20) + 1, 0)]
    [InlineData(0, (64 << 20) + 4)]
    public async Task WriteAsync_MoreThanIsReadAgain_WritesNothing(int messages, int tokens)
    {
        using MemoryStream stream = new();
        using ConversationContents contents = new(new byte[messages], new byte[tokens], [], null, 0, 0);
        await Assert.ThrowsAsync<ConversationFileException>(
            () => ConversationFile.WriteAsync(stream, Fingerprint, contents, CancellationToken.None));
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public async Task ReadAsync_MoreRowsThanFit_AreLeftOut()
    {
        byte[] file = await WriteAsync(400);
        using MemoryStream stream = new(file);
        using ConversationContents contents = await ConversationFile.ReadAsync(
            stream, Fingerprint, Limits(399), CancellationToken.None);
        Assert.Null(contents.Rows);
        Assert.Empty(contents.Ledger);
        Assert.Equal("[\"hello\"]"u8, contents.Messages);
        file[^60] ^= 1; // in the rows: checked all the same
        using MemoryStream damaged = new(file);
        await Assert.ThrowsAsync<ConversationFileException>(
            () => ConversationFile.ReadAsync(damaged, Fingerprint, Limits(399), CancellationToken.None));
    }

    [Theory]
    [InlineData(TypesAt)]
    [InlineData(TypesAt + 4)]
    public async Task ReadAsync_RowsOfAnotherType_AreLeftOut(int at)
    {
        byte[] file = await WriteAsync(40);
        file[at]++;
        SHA256.HashData(file.AsSpan(0, file.Length - SHA256.HashSizeInBytes)).CopyTo(file, file.Length - SHA256.HashSizeInBytes);
        using ConversationContents contents = await ReadAsync(file);
        Assert.True(contents.Rows is null && contents.Archive is null);
        Assert.Equal(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0 }, contents.Tokens);
    }

    [Property(MaxTest = 200)]
    public void ReadAsync_Garbage_IsRefused(byte[] garbage, bool begins)
    {
        byte[] file = begins ? [.. "KVNORMCV\u0001\0\0\0"u8, .. Fingerprint, .. garbage] : garbage;
        Assert.ThrowsAsync<ConversationFileException>(() => ReadAsync(file)).GetAwaiter().GetResult();
    }

    [Fact]
    public async Task ReadAsync_Cancelled_Throws()
    {
        byte[] file = await WriteAsync(40);
        using MemoryStream stream = new(file);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ConversationFile.ReadAsync(stream, Fingerprint, Limits(1000), new CancellationToken(canceled: true)));
    }

    // The latest tokens are taken, as many as there is room for.
    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(6, 5, 1)]   // one of two
    [InlineData(11, 5, 2)]
    [InlineData(1000, 5, 2)]
    [InlineData(1000, 3, 0)] // of another size
    public async Task ReadAsync_Archive_IsTakenAsFarAsThereIsRoom(int maximum, int record, int taken)
    {
        byte[] file = await WriteAsync(40);
        using MemoryStream stream = new(file);
        ConversationLimits limits = Limits(1000) with { ArchiveBytes = maximum, ArchiveRecordBytes = record };
        Task<ConversationContents> reading = ConversationFile.ReadAsync(stream, Fingerprint, limits, CancellationToken.None);
        if (record == 3)
        {
            await Assert.ThrowsAsync<ConversationFileException>(() => reading);
            return;
        }

        using ConversationContents contents = await reading;
        Assert.Equal(taken > 0 ? 5 * taken : null, contents.Archive?.Length);
        if (taken == 0)
            return;
        Assert.Equal(7 + 2 - taken, contents.ArchiveStart);
        Assert.Equal(Archive[^(5 * taken)..], contents.Archive!.Slice(0, 5 * taken).ToArray());
    }

    [Fact]
    public async Task ReadAsync_ArchiveWithoutRecall_IsPassedOverHoweverLong()
    {
        byte[] file = await WriteAsync(40, archiveStart: int.MaxValue); // from there on no token of it can be counted, as after 2 GiB
        using MemoryStream stream = new(file);
        ConversationLimits limits = Limits(1000) with { ArchiveBytes = 0, ArchiveRecordBytes = 1 };
        using ConversationContents contents = await ConversationFile.ReadAsync(stream, Fingerprint, limits, CancellationToken.None);
        Assert.Equal((40, null), (contents.RowsLength, contents.Archive));
    }

    private static ConversationLimits Limits(long rows) => new(1000, rows, Before, After) { ArchiveBytes = 100, ArchiveRecordBytes = 5 };

    private static async Task<byte[]> WriteAsync(int rows, int archiveStart = 7)
    {
        using StateBuffer buffer = new();
        buffer.Resize(rows + 30);
        Rows(rows).CopyTo(buffer.Slice(20, rows));
        using MemoryStream stream = new();
        StateBuffer archive = new();
        archive.Resize(Archive.Length);
        Archive.CopyTo(archive.Slice(0, Archive.Length));
        using ConversationContents contents = new([.. "[\"hello\"]"u8], [1, 0, 0, 0, 2, 0, 0, 0], [9, 8, 7], buffer, 20, rows)
        {
            ArchiveStart = archiveStart,
            Archive = archive,
        };
        await ConversationFile.WriteAsync(stream, Fingerprint, contents, CancellationToken.None);
        return stream.ToArray();
    }

    private static async Task<ConversationContents> ReadAsync(byte[] file)
    {
        using MemoryStream stream = new(file);
        return await ConversationFile.ReadAsync(stream, Fingerprint, Limits(1 << 20), CancellationToken.None);
    }

    private static byte[] Rows(int count) => [.. Enumerable.Range(0, count).Select(static i => (byte)(i * 7 % 251))];

    private sealed class OneByteStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
