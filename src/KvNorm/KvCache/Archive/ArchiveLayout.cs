using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Archive;

/// <summary>
/// Where the rows of a token lie, in a chunk of the archive and in a record of its own. Both have sections: the position that the keys
/// carry, the keys of each layer, the values of each layer. A chunk has (tokens, row) in each section, so that an eviction copies few and
/// large pieces; a record is a chunk of one token.
/// </summary>
internal sealed class ArchiveLayout
{
    private const int DefaultChunkBytes = 1 << 20;

    private readonly int[] _before; // bytes of a token before each section, and all of them

    /// <summary>Makes the layout.</summary>
    /// <param name="geometry">The shape of the cache.</param>
    /// <param name="chunkBytes">The maximum of bytes of a chunk, unless a single token takes more.</param>
    public ArchiveLayout(CacheGeometry geometry, int chunkBytes = DefaultChunkBytes)
    {
        LayerCount = geometry.Layers.Count;
        int[] sections =
        [
            sizeof(int),
            .. geometry.Layers.Select(static layer => layer.KeyRowBytes),
            .. geometry.Layers.Select(static layer => layer.ValueRowBytes),
        ];
        _before = new int[sections.Length + 1];
        for (int section = 0; section < sections.Length; section++)
            _before[section + 1] = _before[section] + sections[section];
        TokensPerChunk = Math.Max(1, chunkBytes / BytesPerToken);
    }

    /// <summary>Gets the section of the positions.</summary>
    public static int Positions => 0;

    public int LayerCount { get; }

    public int SectionCount => _before.Length - 1;

    public int BytesPerToken => _before[^1];

    public int TokensPerChunk { get; }

    public int ChunkBytes => TokensPerChunk * BytesPerToken;

    /// <summary>The section of a layer's keys.</summary>
    public static int Keys(int layer) => 1 + layer;

    /// <summary>The section of a layer's values.</summary>
    public int Values(int layer) => 1 + LayerCount + layer;

    /// <summary>Bytes of a token in a section.</summary>
    public int RowBytes(int section) => _before[section + 1] - _before[section];

    /// <summary>Where a token's part of a section begins among <paramref name="tokens"/> tokens.</summary>
    public int Offset(int section, int token, int tokens) => (tokens * _before[section]) + (token * RowBytes(section));
}
