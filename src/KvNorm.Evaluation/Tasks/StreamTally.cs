using System.Numerics.Tensors;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Compares the predictions of a cache along a text with those of a full one.</summary>
internal sealed class StreamTally
{
    private const int BlockTokens = 64;

    private static readonly int[] Distances = [0, 8, 32, 128, 512]; // where a group of distances from the last eviction begins

    private readonly SortedDictionary<int, StreamBlock> _byPosition = [], _byDistance = [];
    private readonly float[] _full, _own, _scratch; // logarithms of probabilities, (vocabulary)

    /// <summary>Creates a tally over a vocabulary.</summary>
    public StreamTally(int vocabulary)
    {
        _full = new float[vocabulary];
        _own = new float[vocabulary];
        _scratch = new float[vocabulary];
    }

    /// <summary>Adds a token.</summary>
    /// <param name="position">Its place in the text.</param>
    /// <param name="distance">Tokens since the last eviction; null before the first.</param>
    /// <param name="full">What the full cache says.</param>
    /// <param name="logits">This one's logits, (vocabulary).</param>
    /// <param name="token">The token that came.</param>
    public void Add(int position, int? distance, NextToken full, ReadOnlySpan<float> logits, int token)
    {
        TensorPrimitives.ConvertToSingle(full.LogProbabilities, _full);
        LogSoftmax.Of(logits, _own, _scratch);
        bool same = full.MostLikely == TensorPrimitives.IndexOfMax<float>(_own);
        double own = _own[token], whole = full.LogProbability;
        TensorPrimitives.Subtract(_full, _own, _own);
        TensorPrimitives.Exp(_full, _scratch);
        double divergence = TensorPrimitives.Dot<float>(_scratch, _own);
        StreamBlock block = new(0, 1, own, whole, divergence, same ? 1 : 0);
        AddTo(_byPosition, position / BlockTokens * BlockTokens, block);
        if (distance is { } since)
            AddTo(_byDistance, Distances.Last(start => start <= since), block);
    }

    /// <summary>What was added, as a prediction.</summary>
    public Prediction On(Prediction common)
    {
        StreamBlock all = _byPosition.Values.Aggregate(static (sum, block) => sum.Plus(block));
        return common with
        {
            Score = Math.Exp((all.FullLogProbability - all.LogProbability) / all.Count),
            LogProbability = all.LogProbability / all.Count,
            Divergence = all.Divergence / all.Count,
            SameTop = (double)all.SameTop / all.Count,
            ByPosition = [.. _byPosition.Values],
            ByDistance = [.. _byDistance.Values],
        };
    }

    private static void AddTo(SortedDictionary<int, StreamBlock> blocks, int start, StreamBlock block) =>
        blocks[start] = blocks.TryGetValue(start, out StreamBlock? known) ? known.Plus(block) : block with { Start = start };
}
