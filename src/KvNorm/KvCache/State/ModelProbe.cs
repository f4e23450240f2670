using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>
/// What a model's cache looks like and what can be done with it, found by decoding a few tokens in a small context of its own.
/// </summary>
/// <param name="Geometry">The shape of the cache; null when its state cannot be read.</param>
/// <param name="BytesPerCell">Bytes one cell takes over all layers, but for those of <see cref="Window"/>.</param>
/// <param name="Frequencies">
/// RoPE frequencies per layer, those of the layers with a sliding window last; null when keys cannot be turned.
/// </param>
/// <param name="Mechanism">How rows leave this cache.</param>
/// <param name="Reason">Why it is that mechanism, as a sentence.</param>
internal sealed record ModelProbe(
    CacheGeometry? Geometry, long BytesPerCell, IReadOnlyList<double[]?>? Frequencies, EvictionMechanism Mechanism, string Reason)
{
    private const int ProbeBatch = 8;
    private const string Recurrent = "the model has a recurrent state beside this cache, which remembers what was evicted";
    private const string Chunked = "some layers attend in chunks that are counted from position 0";
    private const string Rewritable = "the state can be rewritten per layer and head, and RoPE was measured and checked against llama.cpp";
    private const string RewritableWindow = Rewritable + "; the cells of layers with a sliding window move along";

    /// <summary>Architectures whose layers with a window see a chunk of the text: llama.cpp does not say so by itself.</summary>
    private static readonly string[] AttendsInChunks = ["llama4"];

    /// <summary>Gets the shape of the cache of layers with a sliding window; null where there is none or it cannot be read.</summary>
    public CacheGeometry? Window { get; private init; }

    /// <summary>Gets what the cells of a slot cost.</summary>
    public CellCost Cost => new(BytesPerCell, Window?.BytesPerCell ?? 0, Window is null ? 0 : SlidingWindow);

    private int SlidingWindow { get; init; }

    /// <summary>
    /// Gets whether the context that is used turns keys otherwise than the short one of the probe (LongRoPE): rows of the one are none of
    /// the other.
    /// </summary>
    public bool TurnsAsInLongContext => Short is not null;

    // What was measured in the short context of the probe; null where it holds in the one that is used.
    private ModelProbe? Short { get; init; }

    /// <summary>Gets what the cache is stored as.</summary>
    public CacheTypes Types { get; private init; } = CacheTypes.Half;

    /// <summary>Probes a model; costs eight decodes of one token, and four more for other types than f16.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threads">CPU threads.</param>
    /// <param name="types">What its cache will be stored as; null for f16.</param>
    /// <exception cref="NotSupportedException">The model cannot chat, has no cache, or none of these types.</exception>
    public static ModelProbe Run(LlamaModel model, ThreadCount threads, CacheTypes? types = null)
    {
        RequireDecoder(model);
        LlamaContextSettings settings = new(LlamaContext.CellPadding, ProbeBatch, threads);
        using LlamaContext context = new(model, settings); // of f16 whatever the types: RoPE is measured without their rounding
        ModelProbe probe = Run(context.Sequences[0], model);
        if (types is null || types == CacheTypes.Half)
            return probe;
        RequireWholeBlocks(model, "keys", model.KeyLength, types.Keys);
        RequireWholeBlocks(model, "values", model.ValueLength, types.Values);
        using LlamaContext typed = new(model, settings with { Types = types });
        return probe.With(types, context.Sequences[0], typed.Sequences[0], model.Vocabulary.Count / 3);
    }

    private static ModelProbe Run(LlamaSequence sequence, LlamaModel model)
    {
        using StateBuffer buffer = new();
        long bytesPerCell = MeasureBytesPerCell(sequence);
        if (bytesPerCell <= 0)
        {
            throw new NotSupportedException(
                $"The model '{model.Name}' ({model.Architecture}) keeps no keys and values per token: "
                + "its memory does not grow, so there is nothing to bound.");
        }

        StateRoundTrip.Verify(sequence);
        CacheGeometry? geometry = null, window = null;
        try
        {
            sequence.ReadState(buffer);
            SequenceState state = SequenceState.Parse(buffer);
            geometry = CacheGeometry.Of(state, model.KeyLength, model.ValueLength);
            if (model.IsRecurrent)
                return WholeCells(geometry, bytesPerCell, Recurrent);
            window = WindowOf(state, buffer, model);
        }
        catch (InvalidDataException e)
        {
            return WholeCells(geometry, bytesPerCell, e.Message);
        }

        if (model.RopeType is not (RopeType.Adjacent or RopeType.Halves))
            return WholeCells(geometry, bytesPerCell, "the model's positions are not plain RoPE");
        bytesPerCell = window is null ? bytesPerCell : geometry.BytesPerCell;
        ModelProbe found = new(geometry, bytesPerCell, null, EvictionMechanism.RewriteRowsKeepingPositions, Chunked)
        {
            Window = window, SlidingWindow = model.SlidingWindow,
        };
        return AttendsInChunks.Contains(model.Architecture, StringComparer.Ordinal)
            ? found
            : found.Measured(new RopeProbe(sequence, model, found.AllLayers(), buffer));
    }

    /// <summary>
    /// Confirms the frequencies in a sequence of the context that will be used, which must be empty: some models turn their keys otherwise
    /// in a long context than in a short one (LongRoPE).
    /// Costs two decodes of one token, and six more where they differ.
    /// </summary>
    public ModelProbe ConfirmIn(LlamaSequence sequence, LlamaModel model)
    {
        if (Short is not null)
            return Short.ConfirmIn(sequence, model);
        if (Mechanism != EvictionMechanism.RewriteRows)
            return this;
        using StateBuffer buffer = new();
        RopeProbe rope = new(sequence, model, AllLayers(), buffer);
        ModelProbe confirmed = rope.Holds(Frequencies!) ? this : Measured(rope) with { Short = this };
        sequence.Clear();
        return confirmed;
    }

    // What of it holds in a cache of other types.
    private ModelProbe With(CacheTypes types, LlamaSequence half, LlamaSequence typed, int token)
    {
        ModelProbe probe = this with { Types = types, BytesPerCell = MeasureBytesPerCell(typed) };
        StateRoundTrip.Verify(typed);
        if (Geometry is null)
            return probe;
        try
        {
            (CacheGeometry geometry, CacheGeometry? window) = new HadamardProbe(half, typed, token).Measure(Geometry, Window);
            return probe with
            {
                Geometry = geometry, Window = window, BytesPerCell = window is null ? probe.BytesPerCell : geometry.BytesPerCell,
            };
        }
        catch (InvalidDataException e)
        {
            return WholeCells(null, probe.BytesPerCell, e.Message) with { Types = types };
        }
    }

    // llama.cpp makes no context else, and says why in its log alone.
    private static void RequireWholeBlocks(LlamaModel model, string what, int length, KvCacheType type)
    {
        int block = RowCodec.Of(type).BlockLength;
        if (length % block == 0)
            return;
        throw new NotSupportedException(
            $"The {what} of the model '{model.Name}' have {length} elements a head, and a cache of {CacheTypes.Name(type)} has blocks of "
            + $"{block}: take f16, bf16 or f32.");
    }

    private static ModelProbe WholeCells(CacheGeometry? geometry, long bytesPerCell, string reason) =>
        new(geometry, bytesPerCell, null, EvictionMechanism.RemoveCells, reason);

    private static void RequireDecoder(LlamaModel model)
    {
        if (model.HasEncoder)
            throw new NotSupportedException($"The model '{model.Name}' ({model.Architecture}) has an encoder; only decoders can chat.");
        if (model.IsDiffusion)
        {
            throw new NotSupportedException(
                $"The model '{model.Name}' ({model.Architecture}) writes a whole text at once, by diffusion; "
                + "only models that write one token after the other can chat.");
        }
    }

    // The layers with a sliding window have a cache of their own, after the other.
    private static CacheGeometry? WindowOf(SequenceState state, StateBuffer buffer, LlamaModel model)
    {
        if (state.TrailingBytes == 0)
            return null;
        SequenceState window = SequenceState.ParseSecond(buffer, state);
        if (window.TrailingBytes > 0)
            throw new InvalidDataException("the model has a third memory beside this cache and that of a sliding window");
        return CacheGeometry.Of(window, model.KeyLength, model.ValueLength);
    }

    private CacheGeometry AllLayers() => Window is null ? Geometry! : new CacheGeometry([.. Geometry!.Layers, .. Window.Layers]);

    private ModelProbe Measured(RopeProbe rope)
    {
        (IReadOnlyList<double[]?>? frequencies, string reason) = rope.Measure();
        return frequencies is null
            ? this with { Frequencies = null, Mechanism = EvictionMechanism.RewriteRowsKeepingPositions, Reason = reason }
            : this with
            {
                Frequencies = frequencies,
                Mechanism = EvictionMechanism.RewriteRows,
                Reason = Window is null ? Rewritable : RewritableWindow,
            };
    }

    // The state of two tokens is larger than that of one by one cell and its 12 bytes of position and sequence, in whatever form it is.
    private static long MeasureBytesPerCell(LlamaSequence sequence)
    {
        const int positionBytes = 12;
        sequence.Decode([0], 0, logits: false);
        long one = sequence.StateSize();
        sequence.Decode([0], 1, logits: false);
        return sequence.StateSize() - one - positionBytes;
    }
}
