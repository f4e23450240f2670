using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Archive;

/// <summary>Rows on their way from the archive back into the cache, token by token. Kept between recalls.</summary>
internal sealed class ArchivedRows(ArchiveLayout layout) : IDisposable
{
    private readonly StateBuffer _records = new();
    /// <summary>Gets the tokens, ascending.</summary>
    public int[] Tokens { get; private set; } = [];

    /// <summary>Makes room for the rows of some tokens.</summary>
    public void Clear(ReadOnlySpan<int> tokens)
    {
        Tokens = tokens.ToArray();
        _records.Resize((long)tokens.Length * layout.BytesPerToken);
    }

    /// <summary>The position that the keys of a token carry.</summary>
    /// <param name="index">The token's index among <see cref="Tokens"/>.</param>
    public int Position(int index) => BinaryPrimitives.ReadInt32LittleEndian(Row(index, ArchiveLayout.Positions));

    /// <summary>A token's keys in a layer, all heads one after another.</summary>
    /// <inheritdoc cref="Position"/>
    public Span<Half> Keys(int index, int layer) => MemoryMarshal.Cast<byte, Half>(Row(index, ArchiveLayout.Keys(layer)));

    /// <summary>A token's values in a layer, all heads one after another.</summary>
    /// <inheritdoc cref="Position"/>
    public Span<Half> Values(int index, int layer) => MemoryMarshal.Cast<byte, Half>(Row(index, layout.Values(layer)));

    /// <summary>A token's part of a section.</summary>
    public Span<byte> Row(int index, int section) =>
        _records.Slice(((long)index * layout.BytesPerToken) + layout.Offset(section, 0, 1), layout.RowBytes(section));

    public void Dispose() => _records.Dispose();
}
