using KvNorm.KvCache.Archive;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.KvCache.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Tests.KvCache.Archive;

/// <summary>A space for archives whose chunks hold few tokens.</summary>
internal sealed class ArchiveRig : IDisposable
{
    public const int TokensPerChunk = 4;

    private static readonly CacheGeometry Geometry = new([new LayerGeometry(2, 3, 4), new LayerGeometry(1, 5, 1)]);

    public ArchiveRig(int chunks, string? folder = null, int fileChunks = 0, ILogger? logger = null)
    {
        long chunk = Layout.ChunkBytes;
        Space = new ArchiveSpace(Layout, new ArchiveLimits(chunks * chunk, folder, fileChunks * chunk), logger ?? NullLogger.Instance);
    }

    public static ArchiveLayout Layout { get; } = new(Geometry, TokensPerChunk * new ArchiveLayout(Geometry).BytesPerToken);

    public ArchiveSpace Space { get; }

    /// <summary>Appends tokens as an eviction does: beside rows that it knows already, and at positions of their own.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="first">The first token.</param>
    /// <param name="values">A number for each, which its rows consist of.</param>
    public static void Append(RowArchive archive, int first, ReadOnlySpan<int> values)
    {
        const int known = 2; // rows of earlier tokens in front
        int[] rows = [-1, -2, .. values];
        Half[] Elements(int row) => [.. rows.SelectMany(value => Enumerable.Repeat((Half)value, row))];
        using StateBuffer buffer = StateBlob.Buffer(new StateBlob
        {
            Positions = [.. Enumerable.Range(0, known), .. values.ToArray().Select(static value => value + 10)],
            Rows = [.. Geometry.Layers.Select(static layer => (layer.Heads * layer.KeyLength, layer.Heads * layer.ValueLength))],
            Keys = [.. Geometry.Layers.Select(layer => Elements(layer.Heads * layer.KeyLength))],
            Values = [.. Geometry.Layers.Select(layer => Elements(layer.Heads * layer.ValueLength))],
        }.ToBytes());
        archive.Append(SequenceState.Parse(buffer), known, first);
    }

    /// <summary>The numbers that tokens were appended with.</summary>
    public static int[] Read(RowArchive archive, int[] tokens)
    {
        using ArchivedRows rows = new(Layout);
        Assert.True(archive.TryRead(tokens, rows));
        return [.. Enumerable.Range(0, tokens.Length).Select(index => Value(rows, index))];
    }

    /// <summary>All tokens that are archived.</summary>
    public static int[] Held(RowArchive archive) => [.. Enumerable.Range(archive.Start, archive.Length - archive.Start)];

    public void Dispose() => Space.Dispose();

    private static int Value(ArchivedRows rows, int index)
    {
        Half[] all =
        [
            .. Enumerable.Range(0, Geometry.Layers.Count).SelectMany(layer => StateBlob.Halves(rows.Keys(index, layer)).ToArray()),
            .. Enumerable.Range(0, Geometry.Layers.Count).SelectMany(layer => StateBlob.Halves(rows.Values(index, layer)).ToArray()),
        ];
        int value = (int)Assert.Single(all.Distinct());
        Assert.Equal(value + 10, rows.Position(index));
        return value;
    }
}
