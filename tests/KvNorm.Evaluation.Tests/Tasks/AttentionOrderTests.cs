using KvNorm.Evaluation.Tasks;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class AttentionOrderTests
{
    // By the paper's words: for every m the attention lost by the scores' order, less the least that m rows can have.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Loss_RandomScores_IsThatOfEveryNumberOfDroppedRowsLessTheLeastPossible(int seed)
    {
        Random random = new(seed);
        float[] scores = Numbers(random, 9), attention = Numbers(random, 9);
        double expected = 0;
        for (int dropped = 1; dropped <= 9; dropped++)
        {
            int count = dropped;
            double lost = Enumerable.Range(0, 9).OrderBy(row => scores[row]).Take(count).Sum(row => (double)attention[row]);
            double least = Enumerable.Range(0, 1 << 9).Where(set => System.Numerics.BitOperations.PopCount((uint)set) == count)
                .Min(set => Enumerable.Range(0, 9).Where(row => (set >> row & 1) == 1).Sum(row => (double)attention[row]));
            expected += lost - least;
        }

        Assert.Equal(expected, AttentionOrder.Loss(scores, attention), 1e-6);
    }

    [Fact]
    public void Loss_OrderOfTheAttention_IsZeroAndTheReverseIsTheMost()
    {
        float[] attention = [0.1f, 0.6f, 0, 0.3f];
        Assert.Equal(0, AttentionOrder.Loss([5, 9, 1, 7], attention), 1e-6);
        Assert.Equal(2, AttentionOrder.Loss([7, 1, 9, 5], attention), 1e-6); // (.6 - 0) + (.9 - .1) + (1 - .4) + (1 - 1)
    }

    [Fact]
    public void Loss_EqualScores_TheLaterRowsAreDroppedFirst() =>
        Assert.Equal(1 + 1, AttentionOrder.Loss([3, 3, 3], [0, 0, 1]), 1e-6);

    [Fact]
    public void Correlation_Orders_AreFromMinusOneToOne()
    {
        float[] rising = [1, 2, 30, 400];
        Assert.Equal(1, AttentionOrder.Correlation(rising, [0.1f, 0.2f, 0.3f, 0.31f]), 1e-12);
        Assert.Equal(-1, AttentionOrder.Correlation(rising, [4, 3, 2, 1]), 1e-12);
        Assert.Equal(0, AttentionOrder.Correlation(rising, [5, 5, 5, 5]));
        Assert.Equal(0.8, AttentionOrder.Correlation(rising, [1, 3, 2, 4]), 1e-12); // 1 - 6 * 2 / (4 * 15)
        Assert.Equal(0.9486832980505138, AttentionOrder.Correlation(rising, [1, 2, 2, 3]), 1e-9); // equal ones share their ranks
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())];
}
