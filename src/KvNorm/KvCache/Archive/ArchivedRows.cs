using System.Buffers.Binary;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Archive;

/// <summary>
/// Rows on their way out of an archive, token by token: back into the cache, or into a saved file. Kept between recalls.
/// </summary>
internal sealed class ArchivedRows : IDisposable
{
    private readonly ArchiveLayout _layout;
    private readonly StateBuffer _records;

    public ArchivedRows(ArchiveLayout layout) => (_layout, _records) = (layout, new StateBuffer());

    /// <summary>Rows that come from elsewhere, of tokens that follow each other.</summary>
    /// <param name="layout">What a token takes.</param>
    /// <param name="firstToken">The first token.</param>
    /// <param name="records">Whole records, which belong to the rows from now on.</param>
    public ArchivedRows(ArchiveLayout layout, int firstToken, StateBuffer records)
    {
        (_layout, _records) = (layout, records);
        Tokens = [.. Enumerable.Range(firstToken, checked((int)(records.Length / layout.BytesPerToken)))];
    }

    /// <summary>Gets the bytes of all tokens.</summary>
    public StateBuffer Records => _records;

    /// <summary>Gets the tokens, ascending.</summary>
    public int[] Tokens { get; private set; } = [];

    /// <summary>Makes room for the rows of some tokens.</summary>
    public void Clear(ReadOnlySpan<int> tokens)
    {
        Tokens = tokens.ToArray();
        _records.Resize((long)tokens.Length * _layout.BytesPerToken);
    }

    /// <summary>The position that the keys of a token carry.</summary>
    /// <param name="index">The token's index among <see cref="Tokens"/>.</param>
    public int Position(int index) => BinaryPrimitives.ReadInt32LittleEndian(Row(index, ArchiveLayout.Positions));

    /// <summary>The bytes of a token's keys in a layer, all heads one after another.</summary>
    /// <inheritdoc cref="Position"/>
    public Span<byte> Keys(int index, int layer) => Row(index, ArchiveLayout.Keys(layer));

    /// <summary>The bytes of a token's values in a layer, all heads one after another.</summary>
    /// <inheritdoc cref="Position"/>
    public Span<byte> Values(int index, int layer) => Row(index, _layout.Values(layer));

    /// <summary>A token's part of a section.</summary>
    public Span<byte> Row(int index, int section) =>
        _records.Slice(((long)index * _layout.BytesPerToken) + _layout.Offset(section, 0, 1), _layout.RowBytes(section));

    public void Dispose() => _records.Dispose();
}
