namespace KvNorm.Evaluation.Tests;

public sealed class IntervalTests
{
    [Fact]
    public void Of_EqualNumbers_HasNoWidth() =>
        Assert.Equal(new Interval(0.5, 0.5, 0.5), Interval.Of([[0.5], [0.5], [0.5]]));

    [Fact]
    public void Of_Shares_IsNearTheNormalOne()
    {
        Interval interval = Interval.Of(Enumerable.Range(0, 100).Select(static item => new[] { item % 4 == 0 ? 1.0 : 0 }));
        double deviation = Math.Sqrt(0.25 * 0.75 / 100);
        Assert.Equal(0.25, interval.Mean);
        Assert.Equal(0.25 - (1.96 * deviation), interval.Low, 0.02);
        Assert.Equal(0.25 + (1.96 * deviation), interval.High, 0.02);
    }

    [Fact]
    public void Of_AnswersOfOneItem_AreDrawnTogether()
    {
        // Eight equal answers of an item say no more than one.
        Interval one = Interval.Of(Enumerable.Range(0, 20).Select(static item => new[] { item % 2.0 }));
        Interval eight = Interval.Of(Enumerable.Range(0, 20).Select(static item => Enumerable.Repeat(item % 2.0, 8)));
        Assert.Equal(one, eight);
    }
}
