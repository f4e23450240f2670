using FsCheck.Xunit;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.Tests.KvCache.State;

public sealed class RopeRotationTests
{
    private const int Distances = 300;

    public static TheoryData<int, bool> Shapes()
    {
        TheoryData<int, bool> shapes = [];
        foreach (int size in new[] { 2, 6, 8, 16, 20, 34, 64, 80, 128 })
        {
            shapes.Add(size, false);
            shapes.Add(size, true);
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rotate_AnySize_EqualsTheFormula(int size, bool halves)
    {
        foreach (int positions in new[] { 0, 1, 7, -1, -250, Distances - 1, 1 - Distances })
        {
            float[] key = Key(size, size + 5), expected = Expected(key, size, halves, positions);
            Rotation(size, halves).Rotate(key, positions);
            AssertClose(expected, key);
            Assert.Equal(expected[size..], key[size..]); // the part that is not rotated
        }
    }

    [Property(MaxTest = 100)]
    public void Rotate_ThereAndBack_IsTheSameKey(int seed, bool halves)
    {
        Random random = new(seed);
        int size = 2 * random.Next(1, 50), positions = random.Next(1 - Distances, Distances);
        float[] key = Key(seed, size), turned = [.. key];
        RopeRotation rotation = Rotation(size, halves);
        rotation.Rotate(turned, positions);
        Assert.Equal(Norm(key), Norm(turned), 1e-3);
        rotation.Rotate(turned, -positions);
        AssertClose(key, turned);
    }

    [Property(MaxTest = 50)]
    public void Rotate_InTwoSteps_IsTheSum(int seed, bool halves)
    {
        Random random = new(seed);
        int size = 2 * random.Next(1, 50), first = random.Next(-100, 100), second = random.Next(-100, 100);
        float[] stepwise = Key(seed, size), atOnce = [.. stepwise];
        RopeRotation rotation = Rotation(size, halves);
        rotation.Rotate(stepwise, first);
        rotation.Rotate(stepwise, second);
        rotation.Rotate(atOnce, first + second);
        AssertClose(atOnce, stepwise);
    }

    private static RopeRotation Rotation(int size, bool halves) =>
        new(halves ? RopeType.Halves : RopeType.Adjacent, Frequencies(size), Distances);

    private static double[] Frequencies(int size) => [.. Enumerable.Range(0, size / 2).Select(pair => Math.Pow(10000, -2.0 * pair / size))];

    private static float[] Key(int seed, int length)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 4) - 2))];
    }

    private static float[] Expected(float[] key, int size, bool halves, int positions)
    {
        float[] turned = [.. key];
        double[] frequencies = Frequencies(size);
        for (int pair = 0; pair < size / 2; pair++)
        {
            (int i, int j) = halves ? (pair, pair + (size / 2)) : (2 * pair, (2 * pair) + 1);
            double angle = positions * frequencies[pair];
            turned[i] = (float)((key[i] * Math.Cos(angle)) - (key[j] * Math.Sin(angle)));
            turned[j] = (float)((key[i] * Math.Sin(angle)) + (key[j] * Math.Cos(angle)));
        }

        return turned;
    }

    private static double Norm(float[] key) => Math.Sqrt(key.Sum(static element => (double)element * element));

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }
}
