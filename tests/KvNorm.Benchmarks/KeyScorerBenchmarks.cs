using BenchmarkDotNet.Attributes;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Benchmarks;

/// <summary>Scoring one head of 1,024 rows and choosing half of them.</summary>
[MemoryDiagnoser]
public class KeyScorerBenchmarks
{
    private const int Rows = 1024;
    private const int HeadDim = 64;

    private readonly float[] _keys = new float[Rows * HeadDim], _values = new float[Rows * HeadDim], _scores = new float[Rows];
    private readonly int[] _tokens = [.. Enumerable.Range(0, Rows)], _kept = new int[Rows / 2];
    private KeyScorer _scorer = null!;

    [ParamsSource(nameof(Policies))]
    public string Policy { get; set; } = "";

    public static IEnumerable<string> Policies => EvictionPolicy.Names;

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        foreach (float[] array in new[] { _keys, _values })
        {
            for (int i = 0; i < array.Length; i++)
                array[i] = random.NextSingle() - 0.5f;
        }

        _scorer = EvictionPolicy.Named(Policy).CreateScorer(1);
    }

    [Benchmark]
    public void Score()
    {
        HeadRows rows = new()
        {
            Layer = 0,
            Head = 0,
            Count = Rows,
            FirstNew = Rows / 2,
            KeyLength = HeadDim,
            ValueLength = HeadDim,
            Keys = _keys,
            Values = _values,
            Tokens = _tokens,
            Attention = _keys.AsSpan(0, Rows),
            AttentionTokens = Math.Min(_scorer.AttentionWindow, Rows / 2),
        };
        _scorer.Score(rows, _scores);
    }

    [Benchmark]
    public void Select() => RowSelector.SelectTop(_scores, _kept);
}
