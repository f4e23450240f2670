using KvNorm.Evaluation.Reports;

namespace KvNorm.Evaluation.Tests;

public sealed class IntervalTests
{
    [Fact]
    public void Of_EqualNumbers_HasNoWidth() =>
        Assert.Equal(new Interval(0.5, 0.5, 0.5), Interval.Of([[0.5], [0.5], [0.5]]));

    [Fact]
    public void Of_OneItem_IsNotKnown()
    {
        Interval interval = Interval.Of([[0.5, 1]]);
        Assert.Equal(new Interval(0.75, null, null), interval);
        Assert.Equal(new Interval(1.5, null, null), interval.Through(static mean => 2 * mean));
        Assert.Equal("0.75", ArmTable.Show(interval));
        Assert.Equal("<td class=\"\">+0.75</td>", ArmTable.Difference(interval, lowerIsBetter: false));
    }

    [Fact]
    public void Of_Shares_IsNearTheNormalOne()
    {
        Interval interval = Interval.Of(Enumerable.Range(0, 100).Select(static item => new[] { item % 4 == 0 ? 1.0 : 0 }));
        double deviation = Math.Sqrt(0.25 * 0.75 / 100);
        Assert.Equal(0.25, interval.Mean);
        Assert.Equal(0.25 - (1.96 * deviation), interval.Low!.Value, 0.02);
        Assert.Equal(0.25 + (1.96 * deviation), interval.High!.Value, 0.02);
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
