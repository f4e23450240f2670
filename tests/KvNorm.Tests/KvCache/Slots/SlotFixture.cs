using System.Buffers.Binary;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Eviction;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>A model, its probe and slots over it; disposes of the slots and, unless it is shared, of the model.</summary>
internal sealed class SlotFixture : IDisposable
{
    private const int CellCountOffset = 12; // of a sequence state

    private readonly bool _ownsModel;

    public SlotFixture(
        KvCacheBudget budget,
        TinyModelSettings? settings = null,
        EvictionPolicy? policy = null,
        Func<ModelProbe, ModelProbe>? change = null,
        bool embedded = false,
        ILogger? logger = null,
        int slots = 1,
        long parkedBytes = 0,
        ArchiveLimits? archive = null,
        CacheTypes? types = null,
        bool unified = false)
    {
        _ownsModel = !embedded;
        Model = embedded ? EmbeddedModel.Model : TinyModel.Load(settings);
        Probe = ModelProbe.Run(Model, 1, types);
        Probe = change is null ? Probe : change(Probe);
        policy ??= EvictionPolicy.Salience;
        Pool = new SlotPool(Model, Probe, budget, policy, 1, logger ?? NullLogger.Instance, slots, parkedBytes, archive, unified: unified);
    }

    public LlamaModel Model { get; }

    public ModelProbe Probe { get; }

    public SlotPool Pool { get; }

    public Slot Slot => Pool.Slots[0];

    public static int[] Tokens(int start, int count) => [.. Enumerable.Range(start, count).Select(EvictionRig.TokenAt)];

    public float[] Logits() => Pool.Context.Logits().ToArray();

    /// <summary>A prompt in a slot of the pool's choice, prefilled to its end.</summary>
    /// <returns>The slot, given back, and the tokens that it did not have to decode.</returns>
    public (Slot Slot, int Reused) Serve(int[] prompt, int prefix = 0)
    {
        Slot slot = Pool.Take(prompt, prefix);
        slot.Pin(prefix, 0, prompt.Length, prompt.Length);
        int reused = slot.Resume(prompt);
        slot.Prefill(prompt.AsSpan(reused), logits: true);
        Pool.Release(slot);
        return (slot, reused);
    }

    /// <summary>Prefills, and takes the most likely token again and again.</summary>
    public List<int> Greedy(ReadOnlySpan<int> tokens, int count)
    {
        List<int> sampled = [];
        Slot.Prefill(tokens, logits: true);
        using LlamaSampler sampler = new(new SamplingOptions { Temperature = 0 }, Model.Vocabulary);
        while (sampled.Count < count)
        {
            sampled.Add(sampler.Sample(Pool.Context));
            Slot.Prefill([sampled[^1]], logits: true);
        }

        return sampled;
    }

    /// <summary>Cells that llama.cpp really holds. The state of none ends after their count.</summary>
    public int NativeCells()
    {
        using StateBuffer buffer = new();
        Slot.Sequence.ReadState(buffer);
        return BinaryPrimitives.ReadInt32LittleEndian(buffer.Slice(CellCountOffset, 4));
    }

    /// <summary>The ledger, the counters and llama.cpp agree.</summary>
    public void AssertConsistent()
    {
        KvCacheStatistics statistics = Slot.Statistics;
        (int[] tokens, float[] held, _) = Slot.Retention();
        Assert.Equal(statistics.Cells, NativeCells());
        Assert.InRange(statistics.Cells, 0, statistics.Capacity);
        Assert.Equal(statistics.LogicalTokens, tokens.Length);
        Assert.Equal(statistics.LogicalTokens, held.Length);
        double rows = held.Sum(static share => (double)share), readAgain = Slot.Conversation.Ledger.Positions.ReadAgain;
        Assert.InRange(rows, statistics.Cells - readAgain - 1e-2, statistics.Cells + 1e-2); // some may be held as well
    }

    public void Dispose()
    {
        Pool.Dispose();
        if (_ownsModel)
            Model.Dispose();
    }
}
