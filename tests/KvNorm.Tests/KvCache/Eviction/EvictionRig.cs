using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Tests.KvCache.Eviction;

/// <summary>The parts of a Slot that rewrites rows, open to the test: ledger and native state can be compared.</summary>
internal sealed class EvictionRig : IDisposable
{
    private readonly RowEvictor _evictor;
    private readonly ArchiveSpace _space;
    private readonly StateBuffer _buffer = new();
    private readonly SpanMap _spans = new(static token => token % 7 == 0 ? TokenPiece.Word | TokenPiece.EndsSpan : TokenPiece.Word);

    public EvictionRig(LlamaModel model, EvictionPolicy policy, int cells, int keep, CacheTypes? types = null)
    {
        Model = model;
        Keep = keep;
        Probe = ModelProbe.Run(model, 1, types);
        Geometry = Probe.Geometry!;
        Context = new LlamaContext(model, new LlamaContextSettings(cells, 64, 1) { Types = Probe.Types });
        Sets = RowSets.ByGranularity(Geometry, policy);
        Ledger = new RowLedger(Sets, renumbered: true);
        IReadOnlyList<RopeRotation?> rotations = RopeRotation.ForLayers(model.RopeType, Probe.Frequencies!, cells);
        EvictionRules rules = new(policy, Geometry, Sets, rotations, cells, Threads: 1)
        {
            Window = Probe.Window is null ? null : new WindowCells(Probe.Window, [.. rotations.Skip(Geometry.Layers.Count)]),
        };
        RowChooser chooser = new(rules, new RowScorer(rules, policy.CreateScorer(Geometry.HeadCount), Ledger, _spans), Ledger, _spans);
        _space = new ArchiveSpace(new ArchiveLayout(Geometry), new ArchiveLimits(64 << 20), NullLogger.Instance);
        Archive = _space.CreateArchive();
        _evictor = new RowEvictor(Context.Sequences[0], _buffer, rules, Ledger, chooser, Archive);
    }

    public LlamaModel Model { get; }

    public ModelProbe Probe { get; }

    public CacheGeometry Geometry { get; }

    public LlamaContext Context { get; }

    public RowSets Sets { get; }

    public RowLedger Ledger { get; }

    public int Keep { get; }

    public List<int> Tokens { get; } = [];

    public RowArchive Archive { get; }

    /// <summary>A token that differs from its neighbours.</summary>
    public static int TokenAt(int index) => 20 + (index * index * 31 % 223);

    public void Read(int count)
    {
        int[] tokens = [.. Enumerable.Range(Tokens.Count, count).Select(TokenAt)];
        foreach (int[] batch in tokens.Chunk(64))
        {
            Context.Sequences[0].Decode(batch, Ledger.NextPosition, logits: true);
            Ledger.Append(batch.Length);
            _spans.Append(batch);
        }

        Tokens.AddRange(tokens);
    }

    public void Evict(PinnedTokens pinned) => _evictor.Evict(pinned, Keep);

    /// <summary>Brings tokens back into every head that lacks them.</summary>
    public void Recall(PinnedTokens pinned, int keep, int[] tokens)
    {
        using ArchivedRows rows = new(Archive.Layout);
        Assert.True(Archive.TryRead(tokens, rows));
        _evictor.Recall(pinned, keep, rows);
    }

    public void Cut(PinnedTokens pinned, int length)
    {
        Archive.Truncate(length);
        _evictor.Cut(pinned, length);
        _spans.Truncate(length);
        Tokens.RemoveRange(length, Tokens.Count - length);
    }

    public int[] Kept(int head)
    {
        int[] tokens = new int[Ledger.Rows];
        Ledger.CopyTokens(Sets.SetOf(head), tokens);
        return tokens;
    }

    /// <inheritdoc cref="Rows(LlamaContext, LayerGeometry, int, int, bool)"/>
    public float[][] Rows(int layer, int head, bool values) => Rows(Context, Geometry.Layers[layer], layer, head, values);

    /// <summary>One head's rows of a layer's keys or values out of llama.cpp, (rows, length).</summary>
    public static float[][] Rows(LlamaContext context, LayerGeometry shape, int layer, int head, bool values)
    {
        using StateBuffer buffer = new();
        context.Sequences[0].ReadState(buffer);
        SequenceState state = SequenceState.Parse(buffer);
        state.SortByPosition();
        HeadFormat format = values ? shape.Value : shape.Key;
        byte[] all = (values ? state.Values(layer) : state.Keys(layer)).ToArray();
        return [.. Enumerable.Range(0, state.CellCount).Select(Row)];

        float[] Row(int row)
        {
            float[] elements = new float[format.Length];
            format.Read(all.AsSpan(((row * shape.Heads) + head) * format.Bytes, format.Bytes), elements);
            return elements;
        }
    }

    public void Dispose()
    {
        _space.Dispose();
        _buffer.Dispose();
        Context.Dispose();
    }
}
