using BenchmarkDotNet.Attributes;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.Benchmarks;

/// <summary>Turning one head's keys, (rows, 64), as an eviction does for every head.</summary>
public class RopeRotationBenchmarks
{
    private const int Rows = 1024;
    private const int HeadDim = 64;

    private readonly float[] _keys = new float[Rows * HeadDim];
    private RopeRotation _adjacent = null!, _halves = null!;

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < _keys.Length; i++)
            _keys[i] = random.NextSingle() - 0.5f;
        double[] frequencies = [.. Enumerable.Range(0, HeadDim / 2).Select(pair => Math.Pow(100_000, -2.0 * pair / HeadDim))];
        _adjacent = new RopeRotation(RopeType.Adjacent, frequencies, Rows);
        _halves = new RopeRotation(RopeType.Halves, frequencies, Rows);
    }

    [Benchmark]
    public void Adjacent() => Rotate(_adjacent);

    [Benchmark]
    public void Halves() => Rotate(_halves);

    private void Rotate(RopeRotation rotation)
    {
        for (int row = 0; row < Rows; row++)
            rotation.Rotate(_keys.AsSpan(row * HeadDim, HeadDim), -row);
    }
}
