using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.Tests.KvCache.State;

public sealed class CacheGeometryTests
{
    private static readonly CacheGeometry Mixed = new(
        [new LayerGeometry(2, 64, 32), new LayerGeometry(1, 16, 16), new LayerGeometry(4, 8, 8)]);

    [Fact]
    public void HeadCount_MixedLayers_IsTheirSum() => Assert.Equal(7, Mixed.HeadCount);

    [Fact]
    public void BytesPerCell_MixedLayers_IsTwoBytesPerElement() =>
        Assert.Equal(2 * ((2 * 64) + (2 * 32) + 16 + 16 + (4 * 8) + (4 * 8)), Mixed.BytesPerCell);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void FirstHead_Layer_CountsTheHeadsBefore(int layer, int head) => Assert.Equal(head, Mixed.FirstHead(layer));

    [Fact]
    public void LayerOf_EveryHead_IsItsLayer() => Assert.Equal([0, 0, 1, 2, 2, 2, 2], Enumerable.Range(0, 7).Select(Mixed.LayerOf));

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 2)]
    [InlineData(8, 8)]
    public void Of_WholeHeads_CountsThem(int keyLength, int valueLength)
    {
        using StateBuffer buffer = StateBlob.Buffer(Blob(8, 8 / keyLength * valueLength).ToBytes());
        LayerGeometry layer = Assert.Single(CacheGeometry.Of(SequenceState.Parse(buffer), keyLength, valueLength).Layers);
        Assert.Equal(new LayerGeometry(8 / keyLength, keyLength, valueLength), layer);
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(16, 16)]
    [InlineData(4, 3)]
    public void Of_NoWholeHeads_Throws(int keyLength, int valueLength)
    {
        using StateBuffer buffer = StateBlob.Buffer(Blob(8, 8).ToBytes());
        SequenceState state = SequenceState.Parse(buffer);
        Assert.Throws<InvalidDataException>(() => CacheGeometry.Of(state, keyLength, valueLength));
    }

    private static StateBlob Blob(int key, int value) =>
        new() { Positions = [0], Rows = [(key, value)], Keys = [new Half[key]], Values = [new Half[value]] };
}
