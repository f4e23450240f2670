using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class RowProductsTests
{
    private const double Tolerance = 1e-4;

    private readonly record struct Sample(float[] Rows, float[][] Each, float[] Vector, float[] Weights)
    {
        public int Count => Each.Length;

        public static Sample Random(int seed)
        {
            Random random = new(seed);
            int count = random.Next(0, 15), length = random.Next(1, 40);
            float[] Numbers(int size) => [.. Enumerable.Range(0, size).Select(_ => (float)((random.NextDouble() * 4) - 1))];
            float[] rows = Numbers(count * length);
            return new Sample(rows, [.. rows.Chunk(length)], Numbers(length), Numbers(count));
        }
    }

    [Property(MaxTest = 200)]
    public void Norms_AnyShape_IsTheRootOfTheSquares(int seed)
    {
        Sample sample = Sample.Random(seed);
        float[] norms = new float[sample.Count];
        RowProducts.Norms(sample.Rows, sample.Vector.Length, norms);
        AssertClose(sample.Each.Select(static row => Math.Sqrt(row.Sum(static x => (double)x * x))), norms);
    }

    [Property(MaxTest = 200)]
    public void Dots_AnyShape_IsTheSumOfTheProducts(int seed)
    {
        Sample sample = Sample.Random(seed);
        float[] products = new float[sample.Count];
        RowProducts.Dots(sample.Rows, sample.Vector, products);
        AssertClose(sample.Each.Select(row => row.Zip(sample.Vector, static (x, y) => (double)x * y).Sum()), products);
    }

    [Property(MaxTest = 200)]
    public void AddWeighted_AnyShape_AddsEveryRow(int seed)
    {
        Sample sample = Sample.Random(seed);
        float[] sum = [.. sample.Vector];
        RowProducts.AddWeighted(sample.Rows, sample.Weights, sum);
        double Added(int i) => sample.Each.Zip(sample.Weights, (row, weight) => (double)row[i] * weight).Sum();
        AssertClose(sample.Vector.Select((start, i) => start + Added(i)), sum);
    }

    private static void AssertClose(IEnumerable<double> expected, float[] actual)
    {
        double[] numbers = [.. expected];
        Assert.Equal(numbers.Length, actual.Length);
        for (int i = 0; i < numbers.Length; i++)
            Assert.Equal(numbers[i], actual[i], Tolerance);
    }
}
