using System.Buffers;
using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// Distinctive keys with strong values: z(KeyDiff) + z(log ‖v‖), z per layer and head (this project; docs/architecture.md, Salience).
/// The mean direction and both z run over every token the conversation ever had, so that survivors are not judged by survivors.
/// </summary>
internal sealed class SalienceScorer : KeyScorer
{
    private const float Epsilon = 1e-6f; // keeps a zero value from having no logarithm

    private readonly HeadStatistics?[] _heads;

    /// <summary>Creates a scorer for a cache of <paramref name="heads"/> (layer, head) pairs.</summary>
    public SalienceScorer(int heads) => _heads = new HeadStatistics?[heads];

    public override bool NeedsValues => true;

    public override void Reset() => Array.Clear(_heads);

    public override ScorerStatistics? Save() => new([.. _heads.Select(static head => head?.ToNumbers() ?? [])]);

    public override void Restore(ScorerStatistics? saved)
    {
        Reset();
        for (int head = 0; head < Math.Min(_heads.Length, saved?.Heads.Count ?? 0); head++)
            _heads[head] = HeadStatistics.From(saved!.Heads[head]);
    }

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        HeadStatistics? known = _heads[rows.Head];
        HeadStatistics seen = _heads[rows.Head] = known?.Directions.Length == rows.KeyLength ? known : new HeadStatistics(rows.KeyLength);
        float[] rented = ArrayPool<float>.Shared.Rent(2 * rows.Count);
        Span<float> distinctiveness = rented.AsSpan(0, rows.Count), strengths = rented.AsSpan(rows.Count, rows.Count);
        KeyDiffScorer.Score(rows, rows.FirstNew, seen.Directions, distinctiveness);
        RowProducts.Norms(rows.Values, rows.ValueLength, strengths);
        TensorPrimitives.Add(strengths, Epsilon, strengths);
        TensorPrimitives.Log(strengths, strengths);

        seen.Distinctiveness.Add(distinctiveness[rows.FirstNew..]);
        seen.Strength.Add(strengths[rows.FirstNew..]);
        scores.Clear();
        seen.Distinctiveness.AddStandardised(distinctiveness, scores);
        seen.Strength.AddStandardised(strengths, scores);
        ArrayPool<float>.Shared.Return(rented);
    }

    private sealed class HeadStatistics(int keyLength)
    {
        public RunningMoments Distinctiveness;
        public RunningMoments Strength;

        /// <summary>The sum of all unit keys so far, (keyLength).</summary>
        public float[] Directions { get; } = new float[keyLength];

        /// <summary>The moments and then the directions.</summary>
        public double[] ToNumbers() => [.. Distinctiveness.ToNumbers(), .. Strength.ToNumbers(), .. Directions];

        public static HeadStatistics? From(double[] numbers)
        {
            const int moments = 2 * RunningMoments.Numbers;
            if (numbers.Length < moments)
                return null;
            HeadStatistics head = new(numbers.Length - moments)
            {
                Distinctiveness = RunningMoments.From(numbers),
                Strength = RunningMoments.From(numbers.AsSpan(RunningMoments.Numbers)),
            };
            for (int i = 0; i < head.Directions.Length; i++)
                head.Directions[i] = (float)numbers[moments + i];
            return head;
        }
    }
}
