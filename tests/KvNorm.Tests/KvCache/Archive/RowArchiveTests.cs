using FsCheck.Xunit;
using KvNorm.KvCache.Archive;

namespace KvNorm.Tests.KvCache.Archive;

public sealed class RowArchiveTests
{
    [Property(MaxTest = 40)]
    public void Archive_AnyAppendTruncateShare_AgreesWithPlainLists(int seed)
    {
        Random random = new(seed);
        using ArchiveRig rig = new(chunks: 1000);
        List<(RowArchive Archive, List<int> Values)> all = [(rig.Space.CreateArchive(), [])];
        for (int step = 0; step < 12; step++)
        {
            (RowArchive archive, List<int> values) = all[random.Next(all.Count)];
            switch (random.Next(3))
            {
                case 0:
                    int known = random.Next(Math.Min(3, values.Count + 1)); // tokens that the archive has already
                    int[] more = [.. Enumerable.Range(0, random.Next(10)).Select(_ => random.Next(1000))];
                    ArchiveRig.Append(archive, values.Count - known, [.. values[(values.Count - known)..], .. more]);
                    values.AddRange(more);
                    break;
                case 1:
                    int length = random.Next(values.Count + 2);
                    archive.Truncate(length);
                    values.RemoveRange(Math.Min(length, values.Count), Math.Max(0, values.Count - length));
                    break;
                default:
                    all.Add((archive.Share(), [.. values]));
                    break;
            }

            Assert.All(all, static each => Assert.Equal(each.Values, ArchiveRig.Read(each.Archive, ArchiveRig.Held(each.Archive))));
        }

        Assert.InRange(rig.Space.Bytes, 0, all.Sum(static each => each.Values.Count + 2) * ArchiveRig.Layout.ChunkBytes);
        all.ForEach(static each => each.Archive.Dispose());
        Assert.Equal(0, rig.Space.Bytes);
    }

    [Fact]
    public void Append_TokensBetweenAreUnknown_BeginsAnew()
    {
        using ArchiveRig rig = new(chunks: 10);
        RowArchive archive = rig.Space.CreateArchive();
        ArchiveRig.Append(archive, 0, [1, 2, 3]);
        ArchiveRig.Append(archive, 5, [6, 7]);
        Assert.Equal((5, 7), (archive.Start, archive.Length));
        Assert.Equal([6, 7], ArchiveRig.Read(archive, [5, 6]));
    }

    [Fact]
    public void Append_NoRoomForAChunk_ArchivesNothing()
    {
        using ArchiveRig rig = new(chunks: 0);
        RowArchive archive = rig.Space.CreateArchive();
        ArchiveRig.Append(archive, 0, [1, 2, 3]);
        Assert.Equal((3, 3, 0), (archive.Start, archive.Length, rig.Space.Bytes));
    }

    [Fact]
    public void CopyFrom_Another_ForgetsItsOwn()
    {
        using ArchiveRig rig = new(chunks: 10);
        RowArchive one = rig.Space.CreateArchive(), other = rig.Space.CreateArchive();
        ArchiveRig.Append(one, 0, [1, 2, 3, 4, 5]);
        ArchiveRig.Append(other, 0, [9]);
        other.CopyFrom(one);
        one.Dispose();
        Assert.Equal([1, 2, 3, 4, 5], ArchiveRig.Read(other, ArchiveRig.Held(other)));
        Assert.Equal(2 * ArchiveRig.Layout.ChunkBytes, rig.Space.Bytes);
    }

    [Theory]
    [InlineData(1000, 10)]
    [InlineData(4, 4)]
    [InlineData(0, 0)]
    public void Load_WhatWasCopiedOut_IsTheLatestOfIt(int tokens, int expected)
    {
        using ArchiveRig rig = new(chunks: 10), other = new(chunks: 10);
        RowArchive archive = rig.Space.CreateArchive(), loaded = other.Space.CreateArchive();
        ArchiveRig.Append(archive, 2, [.. Enumerable.Range(50, 10)]);
        using ArchivedRows? rows = archive.CopyLatest((long)tokens * ArchiveRig.Layout.BytesPerToken);
        Assert.Equal(expected, rows?.Tokens.Length ?? 0);
        if (rows is null)
            return;
        loaded.Load(rows);
        Assert.Equal((12 - expected, 12), (loaded.Start, loaded.Length));
        Assert.Equal([.. Enumerable.Range(60 - expected, expected)], ArchiveRig.Read(loaded, ArchiveRig.Held(loaded)));
    }

    [Fact]
    public void Load_LessRoomThanItTakes_KeepsTheLatest()
    {
        using ArchiveRig rig = new(chunks: 10), other = new(chunks: 1);
        RowArchive archive = rig.Space.CreateArchive(), loaded = other.Space.CreateArchive();
        ArchiveRig.Append(archive, 0, [.. Enumerable.Range(0, 10)]);
        using ArchivedRows rows = archive.CopyLatest(long.MaxValue)!;
        loaded.Load(rows);
        Assert.Equal((8, 10), (loaded.Start, loaded.Length));
        Assert.Equal([8, 9], ArchiveRig.Read(loaded, [8, 9]));
    }
}
