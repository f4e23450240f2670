
namespace KvNorm.Tests.KvCache.Scoring;

/// <summary>Random rows of a head, and scoring them.</summary>
internal sealed record HeadSample(int KeyLength, int ValueLength, List<float[]> Keys, List<float[]> Values, List<int> Tokens)
{
    /// <summary>The attention that the rows receive, (rows), where a scorer looks at it.</summary>
    public List<float> Attention { get; init; } = [];

    public static HeadSample Random(int seed, int rows, int keyLength = 16, int valueLength = 8)
    {
        Random random = new(seed);
        float[] Row(int length, double size) =>
            [.. Enumerable.Range(0, length).Select(_ => (float)(size * ((random.NextDouble() * 2) - 0.8)))];
        return new HeadSample(
            keyLength,
            valueLength,
            [.. Enumerable.Range(0, rows).Select(_ => Row(keyLength, 1 + (random.NextDouble() * 5)))],
            [.. Enumerable.Range(0, rows).Select(_ => Row(valueLength, 0.1 + random.NextDouble()))],
            [.. Enumerable.Range(0, rows)])
        {
            Attention = [.. Enumerable.Range(0, rows).Select(_ => (float)random.NextDouble())],
        };
    }

    public HeadSample Take(IEnumerable<int> rows)
    {
        int[] kept = [.. rows];
        return this with
        {
            Keys = [.. kept.Select(row => Keys[row])],
            Values = [.. kept.Select(row => Values[row])],
            Tokens = [.. kept.Select(row => Tokens[row])],
            Attention = [.. kept.Select(row => Attention[row])],
        };
    }

    public HeadSample Then(HeadSample more) => this with
    {
        Keys = [.. Keys, .. more.Keys],
        Values = [.. Values, .. more.Values],
        Tokens = [.. Tokens, .. more.Tokens.Select(token => token + 1000)],
        Attention = [.. Attention, .. more.Attention],
    };

    public float[] Score(KeyScorer scorer, int head = 0, int firstNew = 0)
    {
        float[] scores = [.. Enumerable.Repeat(float.NaN, Keys.Count)];
        HeadRows rows = new()
        {
            Layer = 0,
            Head = head,
            Count = Keys.Count,
            FirstNew = firstNew,
            KeyLength = KeyLength,
            ValueLength = ValueLength,
            Keys = Keys.SelectMany(static key => key).ToArray(),
            Values = Values.SelectMany(static value => value).ToArray(),
            Tokens = Tokens.ToArray(),
            Attention = scorer.AttentionWindow > 0 ? Attention.ToArray() : [],
            AttentionTokens = Math.Min(scorer.AttentionWindow, Keys.Count - firstNew),
        };
        scorer.Score(rows, scores);
        return scores;
    }

    public static double Norm(IEnumerable<double> vector) => Math.Sqrt(vector.Sum(static x => x * x));

    public static double[] Unit(float[] vector)
    {
        double norm = Norm(vector.Select(static x => (double)x));
        return [.. vector.Select(x => x / norm)];
    }

    /// <summary>Minus the cosine of each key and the mean of some unit keys.</summary>
    public static double[] KeyDiff(IEnumerable<float[]> keys, IEnumerable<float[]> seen)
    {
        double[][] units = [.. seen.Select(Unit)];
        double[] mean = [.. Enumerable.Range(0, units[0].Length).Select(i => units.Average(unit => unit[i]))];
        double length = Norm(mean);
        return [.. keys.Select(key => -Unit(key).Zip(mean, static (x, y) => x * y).Sum() / length)];
    }
}
