using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>The shape of the cache over all layers that have one.</summary>
internal sealed class CacheGeometry
{
    private const int MaximumHeadLength = 4096; // several times any model's; heads of this length are put on the stack

    /// <summary>The shape of a cache that cannot be read: one head without elements.</summary>
    public static readonly CacheGeometry Unreadable = new([new LayerGeometry(1, 0, 0)]);

    private readonly int[] _firstHead;

    public CacheGeometry(IReadOnlyList<LayerGeometry> layers)
    {
        Layers = layers;
        _firstHead = new int[layers.Count + 1];
        for (int i = 0; i < layers.Count; i++)
            _firstHead[i + 1] = _firstHead[i] + layers[i].Heads;
    }

    public IReadOnlyList<LayerGeometry> Layers { get; }

    /// <summary>KV heads of all layers together; (layer, head) pairs are numbered through from 0.</summary>
    public int HeadCount => _firstHead[^1];

    /// <summary>Bytes of one cell over all layers.</summary>
    public long BytesPerCell => Layers.Sum(static layer => (long)layer.KeyRowBytes + layer.ValueRowBytes);

    /// <summary>The number of a layer's first head among all (layer, head) pairs.</summary>
    public int FirstHead(int layer) => _firstHead[layer];

    /// <summary>The layer of a (layer, head) pair.</summary>
    public int LayerOf(int head)
    {
        int found = Array.BinarySearch(_firstHead, head);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>Takes the shape from a state, given how long one head's key and value are.</summary>
    /// <exception cref="InvalidDataException">The rows do not consist of whole heads.</exception>
    public static CacheGeometry Of(SequenceState state, int keyLength, int valueLength)
    {
        if (keyLength > MaximumHeadLength || valueLength > MaximumHeadLength)
            throw new InvalidDataException($"a head of {keyLength} and {valueLength} elements is longer than {MaximumHeadLength}");
        List<LayerGeometry> layers = [];
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            (KvCacheType keys, KvCacheType values) = (state.KeyType(layer), state.ValueType(layer));
            (int keyRow, int valueRow) = (state.KeyRow(layer), state.ValueRow(layer));
            (int heads, int rest) = Math.DivRem(keyRow, keyLength);
            if (heads < 1 || rest != 0 || valueRow != heads * valueLength)
            {
                throw new InvalidDataException(
                    $"layer {layer} keeps {keyRow} key and {valueRow} value elements a token, "
                    + $"which are not whole heads of {keyLength} and {valueLength}");
            }

            if (keyLength % RowCodec.Of(keys).BlockLength != 0 || valueLength % RowCodec.Of(values).BlockLength != 0)
            {
                throw new InvalidDataException(
                    $"heads of {keyLength} and {valueLength} elements share blocks in a cache of {new CacheTypes(keys, values)}");
            }

            layers.Add(new LayerGeometry(heads, new HeadFormat(keys, keyLength), new HeadFormat(values, valueLength)));
        }

        return new CacheGeometry(layers);
    }
}
