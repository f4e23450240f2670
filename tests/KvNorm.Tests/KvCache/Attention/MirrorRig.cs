using KvNorm.KvCache.Attention;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Attention;

/// <summary>A context over a tiny model whose queries are its keys, so that attention can be computed from the cache alone.</summary>
internal sealed class MirrorRig : IDisposable
{
    public const int Heads = 4, KeyValueHeads = 2, Length = 32;

    public static readonly LayerGeometry Shape = new(KeyValueHeads, Length, Length);

    public static readonly TinyModelSettings Settings = new() { QueriesAreKeys = true };

    private readonly LlamaModel _model;
    private readonly LayerGeometry _shape = Shape;

    public MirrorRig(TinyModelSettings? settings = null, CacheTypes? types = null)
    {
        _model = TinyModel.Load(settings ?? Settings);
        types ??= CacheTypes.Half;
        if (settings is not null)
            _shape = ModelProbe.Run(_model, 1, types).Geometry!.Layers[0];
        Context = new LlamaContext(_model, new LlamaContextSettings(256, 64, 1, QueryWindow: 64) { Types = types });
    }

    public LlamaContext Context { get; }

    public int Decoded { get; private set; }

    public static int[] Tokens(int start, int count) => [.. Enumerable.Range(start, count).Select(EvictionRig.TokenAt)];

    public QueryLog CreateLog(int capacity) => new([.. Context.Queries!.Shapes.OfType<QueryShape>()], capacity);

    public void Decode(int tokens)
    {
        Context.Sequences[0].Decode(Tokens(Decoded, tokens), Decoded, logits: false);
        Decoded += tokens;
    }

    public LayerGeometry LayerShape => _shape;

    /// <summary>The keys of a KV head with RoPE, (rows, length).</summary>
    public float[] Keys(int layer, int head) =>
        [.. EvictionRig.Rows(Context, _shape, layer, head, values: false).SelectMany(static row => row)];

    /// <summary>What the rows of a head receive of the last tokens when each query is its row's key, in double precision.</summary>
    public static double[] Received(float[] keys, int asked, int length = Length)
    {
        float[][] rows = [.. keys.Chunk(length)];
        double[] received = new double[rows.Length];
        for (int query = rows.Length - asked; query < rows.Length; query++)
        {
            double[] weights = [.. rows.Take(query + 1).Select(row => Math.Exp(Dot(rows[query], row) / Math.Sqrt(length)))];
            for (int row = 0; row <= query; row++)
                received[row] += weights[row] / weights.Sum();
        }

        return received;
    }

    public void Dispose()
    {
        Context.Dispose();
        _model.Dispose();
    }

    private static double Dot(float[] x, float[] y) => x.Zip(y, static (a, b) => (double)a * b).Sum();
}
