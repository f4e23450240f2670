using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>
/// Reads the queries that attention is computed with, out of llama.cpp's graph while it is computed: cb_eval stops after every
/// GGML_OP_FLASH_ATTN_EXT, whose first source they are, with RoPE, and whose second is the layer's cache. The layer is known by the name of
/// that cache and the sequence by where in it the keys begin, or, where all take cells of one pool, by the order of the batch. Tokens of a
/// sequence come in their order, in one graph or several.
/// </summary>
internal sealed unsafe class QueryReader : IDisposable
{
    private const int MaximumLayers = 512, MaximumHeads = 4096, MaximumLength = 4096; // far above any model; more is damage

    private readonly int _window;
    private readonly bool _unified;
    private readonly int[] _counts;      // (sequences): tokens in the batch
    private readonly int[] _firstPlaces; // (sequences): where the first token that is kept lies
    private readonly List<LayerQueries?> _layers = [];
    private readonly int _flashAttention = GgmlLayout.FlashAttention;
    private GCHandle _self;
    private float[] _block = [];
    private int _places;
    private string? _problem;
    private readonly List<int> _sequenceOf = []; // (tokens in the batch), where the sequences take cells of one pool

    /// <summary>Makes a reader.</summary>
    /// <param name="window">Of how many of each sequence's latest tokens in a decode the queries are kept.</param>
    /// <param name="sequences">Sequences of the context.</param>
    /// <param name="unified">Whether they take cells of one pool.</param>
    /// <exception cref="LlamaException">The loaded library's tensors have another layout.</exception>
    public QueryReader(int window, int sequences, bool unified = false)
    {
        (_window, _unified) = (window, unified);
        _counts = new int[sequences];
        _firstPlaces = new int[sequences];
        _self = GCHandle.Alloc(this);
    }

    /// <summary>Gets the function, as ggml_backend_sched_eval_callback.</summary>
    public static nint Callback => (nint)(delegate* unmanaged[Cdecl]<GgmlTensor*, byte, nint, byte>)&OnNode;

    /// <summary>Gets what the function is to be called with.</summary>
    public nint Address => GCHandle.ToIntPtr(_self);

    /// <summary>Gets the shape of each layer's queries; null for a number that no layer has.</summary>
    public IReadOnlyList<QueryShape?> Shapes => [.. _layers.Select(static layer => layer?.Shape)];

    /// <summary>Forgets what was read: a decode begins.</summary>
    /// <param name="counts">Tokens of each sequence in it, (sequences).</param>
    /// <param name="sequenceOf">The sequence of each token, (tokens).</param>
    public void Begin(ReadOnlySpan<int> counts, ReadOnlySpan<int> sequenceOf)
    {
        (_problem, _places) = (null, 0);
        _sequenceOf.Clear();
        if (_unified)
            _sequenceOf.AddRange(sequenceOf);
        counts.CopyTo(_counts);
        for (int sequence = 0; sequence < _counts.Length; sequence++)
        {
            _firstPlaces[sequence] = _places;
            _places += KeptOf(sequence);
        }

        foreach (LayerQueries? layer in _layers)
            layer?.Begin(_places);
    }

    /// <summary>Why the queries of the last decode are not known; null when they are.</summary>
    public string? FindProblem()
    {
        if (_problem is null && _layers.Count == 0)
            return "no attention was computed by one operation";
        foreach (LayerQueries? layer in _layers)
        {
            if (layer is not null && !layer.HasRead(_counts))
                return _problem ?? "a layer attended with fewer queries than there were tokens";
        }

        return _problem;
    }

    /// <summary>How many of a sequence's tokens in the last decode have their queries here: the latest.</summary>
    public int KeptOf(int sequence) => Math.Min(_counts[sequence], _window);

    /// <summary>The queries of a token of the last decode in a layer, (heads, length), with RoPE.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="sequence">The token's sequence.</param>
    /// <param name="index">Its number among those of <see cref="KeptOf"/>.</param>
    public ReadOnlySpan<Half> Queries(int layer, int sequence, int index) => _layers[layer]!.At(_firstPlaces[sequence] + index);

    /// <summary>Frees the address. The context that calls it must be gone.</summary>
    public void Dispose()
    {
        if (_self.IsAllocated)
            _self.Free();
    }

    // Asked first whether to stop after a node, then called when it is computed. To answer false then would leave out the rest of the graph
    // and report success.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnNode(GgmlTensor* node, byte ask, nint self)
    {
        QueryReader reader = Unsafe.As<QueryReader>(GCHandle.FromIntPtr(self).Target!);
        if (node->Operation != reader._flashAttention)
            return ask == 0 ? (byte)1 : (byte)0;
        if (ask == 0 && reader._problem is null)
            reader.TryRead(node);
        return 1;
    }

    private void TryRead(GgmlTensor* node)
    {
        try
        {
            Read(node);
        }
        catch (Exception e) // nothing may be thrown through llama.cpp; the decode's caller is told
        {
            _problem = e.Message;
        }
    }

    private void Read(GgmlTensor* node)
    {
        GgmlTensor* query = node->Source(0), key = node->Source(1);
        if (key->ViewOf is null && key->Source(0) is not null && key->Source(0)->Type == GgmlTensor.Single)
            key = key->Source(0); // keys of f32 are converted for the attention
        if (key->ViewOf is null || !key->ViewOf->TryGetNumber("cache_k_l"u8, out int number) || number >= MaximumLayers)
            throw new NotSupportedException("a layer attends to other keys than its cache's");
        if (node->Source(4) is not null || node->Parameter(1) != 0 || node->Parameter(2) != 0)
            throw new NotSupportedException("its attention has sinks, ALiBi or a cap, which are not taken into account");
        LayerQueries layer = LayerOf(number, query, node->Parameter(0));
        if (_unified)
        {
            ReadTogether(query, layer);
            return;
        }

        int first = key->Strides[3] > 0 ? checked((int)((long)key->ViewOffset / key->Strides[3])) : 0;
        for (int stream = 0; stream < query->Elements[3]; stream++)
            Read(query, stream * query->Strides[3], checked((int)query->Elements[1]), first + stream, layer);
    }

    // The tokens of a batch that is computed as a whole, sequence after sequence.
    private void ReadTogether(GgmlTensor* query, LayerQueries layer)
    {
        ReadOnlySpan<int> sequenceOf = CollectionsMarshal.AsSpan(_sequenceOf);
        if (query->Elements[1] != sequenceOf.Length)
            throw new NotSupportedException("a layer attends with other queries than those of the batch");
        for (int token = 0; token < sequenceOf.Length;)
        {
            int sequence = sequenceOf[token], run = sequenceOf[token..].IndexOfAnyExcept(sequence);
            int tokens = run < 0 ? sequenceOf.Length - token : run;
            Read(query, token * query->Strides[1], tokens, sequence, layer);
            token += tokens;
        }
    }

    private LayerQueries LayerOf(int number, GgmlTensor* query, float scale)
    {
        (long length, long tokens, long heads) = (query->Elements[0], query->Elements[1], query->Elements[2]);
        bool isPlain = query->Type == GgmlTensor.Single && query->Strides[0] == sizeof(float)
            && query->Strides[1] > 0 && query->Strides[1] % sizeof(float) == 0
            && query->Strides[2] > 0 && query->Strides[2] % sizeof(float) == 0
            && length is > 0 and <= MaximumLength && heads is > 0 and <= MaximumHeads && tokens > 0;
        if (!isPlain)
            throw new NotSupportedException("its queries are not rows of f32");
        QueryShape shape = new((int)heads, (int)length, scale);
        while (_layers.Count <= number)
            _layers.Add(null);
        if (_layers[number]?.Shape != shape)
        {
            _layers[number] = new LayerQueries(shape, _counts.Length);
            _layers[number]!.Begin(_places);
        }

        return _layers[number]!;
    }

    // Tokens of one sequence, whose queries begin at an offset.
    private void Read(GgmlTensor* query, long offset, int tokens, int sequence, LayerQueries layer)
    {
        int before = sequence < _counts.Length ? layer.Read[sequence] : 0;
        if (sequence >= _counts.Length || before + tokens > _counts[sequence])
            throw new NotSupportedException("a layer attends with more queries than there are tokens");
        layer.Read[sequence] += tokens;
        int firstKept = _counts[sequence] - KeptOf(sequence), skipped = Math.Clamp(firstKept - before, 0, tokens);
        if (skipped == tokens)
            return;
        Copy(query, offset + (skipped * query->Strides[1]), tokens - skipped, layer.Shape);
        int place = _firstPlaces[sequence] + before + skipped - firstKept;
        for (int token = 0; token < tokens - skipped; token++)
            Convert(query, token, layer.Shape, layer.At(place + token));
    }

    // Copies the queries of some tokens into the block, with whatever lies between them.
    private void Copy(GgmlTensor* query, long offset, int tokens, QueryShape shape)
    {
        long bytes = ((tokens - 1) * query->Strides[1]) + ((shape.Heads - 1) * query->Strides[2]) + (shape.Length * sizeof(float));
        if (_block.Length < bytes / sizeof(float))
            _block = new float[checked((int)(bytes / sizeof(float)))];
        fixed (float* block = _block)
            LlamaImports.ggml_backend_tensor_get(query, block, checked((nuint)offset), (nuint)bytes);
    }

    private void Convert(GgmlTensor* query, int token, QueryShape shape, Span<Half> place)
    {
        for (int head = 0; head < shape.Heads; head++)
        {
            int start = checked((int)(((token * query->Strides[1]) + (head * query->Strides[2])) / sizeof(float)));
            TensorPrimitives.ConvertToHalf(_block.AsSpan(start, shape.Length), place.Slice(head * shape.Length, shape.Length));
        }
    }

    /// <summary>The queries of one layer.</summary>
    private sealed class LayerQueries(QueryShape shape, int sequences)
    {
        private Half[] _queries = []; // (places, heads, length), row-major

        public QueryShape Shape => shape;

        /// <summary>Gets how many tokens of each sequence were read, kept or not, (sequences).</summary>
        public int[] Read { get; } = new int[sequences];

        public void Begin(int places)
        {
            Array.Clear(Read);
            if (_queries.Length < places * shape.Row)
                _queries = new Half[places * shape.Row];
        }

        public bool HasRead(int[] counts) => Read.AsSpan().SequenceEqual(counts);

        public Span<Half> At(int place) => _queries.AsSpan(place * shape.Row, shape.Row);
    }
}
