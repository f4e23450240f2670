using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.Tests.KvCache.State;

public sealed class RotationCheckTests
{
    private const int Heads = 3, KeyLength = 64, Pairs = 24; // the last 16 elements are not turned

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0.005, 0, true)]
    [InlineData(0.05, 0, true)]      // what a GPU's rounding comes to after some layers
    [InlineData(0.5, 0, false)]      // so much says nothing of angles
    [InlineData(0, 0.02, false)]     // a wrong angle leaves the lengths of the pairs alone
    [InlineData(0.005, 0.05, false)]
    [InlineData(0.05, 0.3, false)]
    [InlineData(0, double.NaN, false)]
    [InlineData(double.NaN, 0, false)]
    public void Agrees_NoiseAndWrongAngle_OnlyNoiseIsLetPass(double noise, double angle, bool expected)
    {
        foreach (RopeType pairing in new[] { RopeType.Adjacent, RopeType.Halves })
        {
            (float[] origin, float[] moved) = Keys(pairing, noise, angle);
            RopeRotation rotation = new(pairing, Frequencies(0), 2);
            Assert.Equal(expected, new RotationCheck(rotation, pairing, KeyLength, Pairs).Agrees(origin, moved));
        }
    }

    [Fact]
    public void Agrees_NoRotation_OnlyForKeysThatDoNotTurn()
    {
        (float[] origin, float[] moved) = Keys(RopeType.Halves, 0, 0);
        RotationCheck check = new(null, RopeType.Halves, KeyLength, Pairs);
        Assert.True(check.Agrees(origin, origin));
        Assert.False(check.Agrees(origin, moved));
    }

    private static double[] Frequencies(double more) => [.. Enumerable.Range(0, Pairs).Select(pair => (1.0 / (pair + 1)) + more)];

    // Keys, and the same turned by a wrong angle beside the right one, with noise as a share of an element's usual size.
    private static (float[] Origin, float[] Moved) Keys(RopeType pairing, double noise, double angle)
    {
        Random random = new(5);
        float[] origin = [.. Enumerable.Range(0, Heads * KeyLength).Select(_ => (float)Normal())], moved = [.. origin];
        RopeRotation rotation = new(pairing, Frequencies(angle), 2);
        for (int head = 0; head < Heads; head++)
            rotation.Rotate(moved.AsSpan(head * KeyLength, KeyLength), 1);
        return (origin, [.. moved.Select(element => element + (float)(noise * Normal()))]);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
