using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Tests.Results;

public sealed class MetricsBuilderTests
{
    [Fact]
    public void Build_Arms_AreComparedInPairs()
    {
        Prediction[] predictions =
        [
            .. Enumerable.Range(0, 20).SelectMany(static item => new[]
            {
                Of("full", 1, item) with { Score = 1, LogProbability = -0.1 * item },
                Of("salience", 0.5, item) with { Score = item % 2, LogProbability = (-0.1 * item) - 0.2 },
                Of("keynorm", 0.5, item) with { Score = 0, LogProbability = (-0.1 * item) - 0.5 },
            }),
        ];
        ArmMetrics[] arms = [.. Assert.Single(MetricsBuilder.Build([], predictions).Tasks).Arms];
        Assert.Equal(["full", "salience", "keynorm"], arms.Select(static arm => arm.Arm), StringComparer.Ordinal);
        Assert.Null(arms[0].ScoreToFull);
        Assert.Equal(-0.5, arms[1].ScoreToFull!.Value.Mean, 1e-9);
        Assert.Null(arms[1].ScoreToDefault);
        Assert.Equal(-0.5, arms[2].ScoreToDefault!.Value.Mean, 1e-9);

        // The log-probabilities of items differ much, their differences do not: in pairs the interval is narrow.
        Interval difference = arms[2].LogProbabilityToDefault!.Value;
        Assert.Equal(-0.3, difference.Mean, 1e-9);
        Assert.True(difference.High - difference.Low < 1e-9);
        Assert.True(arms[2].LogProbability!.Value.High - arms[2].LogProbability!.Value.Low > 0.3);
    }

    [Theory]
    [InlineData("ruler.niah_single_1", 0.5)]
    [InlineData("needle.one", null)] // scored so
    [InlineData("perplexity", null)]
    public void Build_AnswerThatGoesOn_IsNotExact(string task, double? exact)
    {
        Prediction one = Of("salience", 0.5, 0) with { Task = task, Score = 1, Answer = " 1234567.", Expected = ["1234567"] };
        Prediction[] predictions = [one, one with { Item = 1, Answer = " 12345677." }];
        Assert.Equal(exact, MetricsBuilder.Build([], predictions).Tasks[0].Arms[0].Exact?.Mean);
    }

    [Fact]
    public void Build_OnlyItemsOfBoth_ArePaired()
    {
        Prediction[] predictions =
        [
            Of("salience", 0.5, 0) with { Score = 1 }, Of("keynorm", 0.5, 0) with { Score = 1 }, Of("keynorm", 0.5, 1) with { Score = 0 },
        ];
        ArmMetrics keynorm = MetricsBuilder.Build([], predictions).Tasks[0].Arms.Single(static arm => arm.Arm == "keynorm");
        Assert.Equal((0.5, 0.0), (keynorm.Score.Mean, keynorm.ScoreToDefault!.Value.Mean));
    }

    [Fact]
    public void Build_Groups_AreByDepthAgeAndPlaceInTheText()
    {
        Prediction[] predictions =
        [
            Of("salience", 0.5, 0) with { Depth = 0.1, Score = 1, Length = 100, Age = 95 },
            Of("salience", 0.5, 1) with { Depth = 0.1, Score = 0, Length = 100, Age = 91 },
            Of("salience", 0.5, 2) with { Depth = 0.9, Score = 1, Length = 100, Age = 50, ByPosition = [new(64, 2, -4, -2, 1, 1)] },
            Of("salience", 0.5, 3) with { Score = 1, ByPosition = [new(64, 2, -4, -2, 1, 1), new(128, 2, -2, -2, 0, 2)] },
        ];
        ArmMetrics arm = Assert.Single(Assert.Single(MetricsBuilder.Build([], predictions).Tasks).Arms);
        Assert.Equal([new ScorePoint(0.1, 0.5, 2), new ScorePoint(0.9, 1, 1)], arm.ByDepth!);
        Assert.Equal([new ScorePoint(0.5, 1, 1), new ScorePoint(0.9, 0.5, 2)], arm.ByAge!);
        Assert.Equal([64, 128], arm.ByPosition!.Select(static point => point.At));
        Assert.Equal([Math.E, 1], arm.ByPosition!.Select(static point => point.Ratio.Mean));
        Assert.Equal((0.5, 0.5, 4), (arm.ByPosition![0].Divergence, arm.ByPosition[0].SameTop, arm.ByPosition[0].Count));
        Assert.Null(arm.ByDistance);
    }

    [Fact]
    public void Build_BlocksOfSeveralTexts_HaveAnInterval()
    {
        Prediction[] predictions =
        [
            Of("salience", 0.5, 0) with { ByDistance = [new(8, 2, -4, -2, 1, 1)] },
            Of("salience", 0.5, 1) with { ByDistance = [new(8, 2, -2, -2, 0, 2)] },
        ];
        StreamPoint point = Assert.Single(Assert.Single(Assert.Single(MetricsBuilder.Build([], predictions).Tasks).Arms).ByDistance!);
        Assert.Equal((Math.Exp(0.5), 1, Math.E), (point.Ratio.Mean, point.Ratio.Low, point.Ratio.High));
    }

    [Fact]
    public void Build_KindsOfQuestions_AreApartAndInPairs()
    {
        Prediction rule = Of("salience", 0.5, 0) with { Probe = "rule", Group = "rule", Score = 1, LogProbability = -1 };
        Prediction value = rule with { Probe = "value", Group = "value", Score = 0, LogProbability = -3 };
        Prediction[] predictions =
        [
            rule, value, rule with { Arm = "cur", LogProbability = -0.5 }, value with { Arm = "cur", Score = 1 },
        ];
        ArmMetrics[] arms = [.. MetricsBuilder.Build([], predictions).Tasks[0].Arms];
        Assert.Equal(
            [("rule", 1, 1.0, -1.0), ("value", 1, 0, -3)],
            arms[0].ByGroup!.Select(static one => (one.Group, one.Answers, one.Score.Mean, one.LogProbability!.Value.Mean)));
        Assert.All(arms[0].ByGroup!, static one => Assert.Null(one.ScoreToDefault));
        Assert.Equal([(0, 0.5), (1.0, 0)], arms[1].ByGroup!.Select(static one =>
            (one.ScoreToDefault!.Value.Mean, one.LogProbabilityToDefault!.Value.Mean)));
    }

    [Fact]
    public void Build_Heads_AreTheMeansOfAllItems()
    {
        Prediction[] predictions =
        [
            Of("salience", 1, 0) with { Correlation = 0.5, ByHead = [new(0, 0, 4, 0.2), new(0, 1, 1, 0.8)] },
            Of("salience", 1, 1) with { Correlation = 0.7, ByHead = [new(0, 0, 2, 0.6), new(0, 1, 3, 0.8)] },
        ];
        ArmMetrics arm = Assert.Single(Assert.Single(MetricsBuilder.Build([], predictions).Tasks).Arms);
        Assert.Equal([new HeadMetrics(0, 0, 3, 0.4), new HeadMetrics(0, 1, 2, 0.8)], arm.ByHead!);
        Assert.Equal(0.6, arm.Correlation!.Value.Mean, 1e-9);
    }

    [Fact]
    public void Build_SeveralQuestionsOfAnItem_CountAsOneItem()
    {
        Prediction one = Of("full", 1, 0) with { Probe = "a", Evictions = 3 };
        Prediction[] predictions = [one, one with { Probe = "b" }];
        ArmMetrics arm = MetricsBuilder.Build([], predictions).Tasks[0].Arms[0];
        Assert.Equal((1, 2, 3.0), (arm.Items, arm.Answers, arm.Evictions));
    }

    [Fact]
    public void Build_LengthsAndVersions_AreKeptApart() =>
        Assert.Equal(3, MetricsBuilder.Build(
            [], [Of("full", 1, 0), Of("full", 1, 0) with { Size = 9 }, Of("full", 1, 0) with { Version = 2 }]).Tasks.Count);

    private static Prediction Of(string arm, double share, int item) => new("needle.one", 1, 100, item, "", 1, arm, share);
}
