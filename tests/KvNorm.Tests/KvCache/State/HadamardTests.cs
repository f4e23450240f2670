using KvNorm.KvCache.State;

namespace KvNorm.Tests.KvCache.State;

public sealed class HadamardTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(256)]
    public void Apply_AnyBlock_IsTheMatrixOfSylvester(int block)
    {
        Random random = new(block);
        float[] elements = [.. Enumerable.Range(0, 2 * block).Select(_ => (random.NextSingle() * 2) - 1)], transformed = [.. elements];
        Hadamard.Apply(transformed, block);
        for (int row = 0; row < elements.Length; row++)
        {
            double expected = 0;
            for (int column = 0; column < block; column++)
            {
                int sign = int.IsOddInteger(int.PopCount(row % block & column)) ? -1 : 1;
                expected += sign * elements[(row / block * block) + column];
            }

            Assert.Equal(expected / Math.Sqrt(block), transformed[row], 1e-4);
        }
    }

    [Fact]
    public void Apply_NoBlock_LeavesThemAsTheyAre()
    {
        float[] elements = [1, 2, 3];
        Hadamard.Apply(elements, 0);
        Assert.Equal([1, 2, 3], elements);
    }
}
