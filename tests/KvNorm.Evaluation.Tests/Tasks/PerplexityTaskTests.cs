using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class PerplexityTaskTests
{
    private const int Length = 160;

    [Fact]
    public void Run_MoreThanTheModelWasTrainedFor_IsLeftOut() => Assert.Empty(new PerplexityTask().Run(
        Items.Request(new ScriptedModel(trainedLength: 300)), [Items.Arm("salience", 0.5)], CancellationToken.None));

    [Fact]
    public void Run_FullCache_IsAsLikelyAsItself()
    {
        Prediction full = Run("full", 1);
        Assert.Equal(1, full.Score, 1e-5);
        Assert.Equal(0, full.Divergence!.Value, 0.01); // the full cache's distributions are kept in half precision
        Assert.Equal(1, full.SameTop);
        Assert.Equal(0, full.Evictions);
        Assert.Empty(full.ByDistance!);
    }

    [Theory]
    [InlineData("recency")]
    [InlineData("context-shift")]
    [InlineData("drop-oldest")]
    public void Run_FewCells_CostsWhatTheMissingWordsWouldHaveSaid(string arm)
    {
        Prediction few = Run(arm, 0.25);
        Assert.True(few.Score > 1.01, $"{few.Score}");
        Assert.True(few.Divergence > 0.01);
        Assert.InRange(few.Cells, (Length / 4) - 1, Length / 4);
        Assert.True(few.Evictions >= 4);
        Assert.True(few.EvictionMilliseconds > 0);
        Assert.Equal(Length / 2, few.ByPosition!.Sum(static block => block.Count));
        Assert.Equal(Length / 2, few.ByDistance!.Sum(static block => block.Count));
        Assert.Equal([0, 8], few.ByDistance!.Select(static block => block.Start));
        double ratio = Math.Exp(few.ByPosition!.Sum(static block => block.FullLogProbability - block.LogProbability) / (Length / 2));
        Assert.Equal(ratio, few.Score, 1e-9);
    }

    [Fact]
    public void Run_AllArms_AreScoredOnTheSameTokens()
    {
        Prediction full = Run("full", 1), few = Run("recency", 0.125);
        double whole = full.ByPosition!.Sum(static block => block.LogProbability);
        Assert.Equal(whole, few.ByPosition!.Sum(static block => block.FullLogProbability), 1e-3);
    }

    [Fact]
    public void Run_TextShorterThanAnItem_SaysSo()
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("short.txt"), "A short text. It has two sentences.");
        ItemRequest request = Items.Request(new ScriptedModel()) with { Text = EvaluationText.Load(folder.File("short.txt")) };
        ArgumentException e = Assert.Throws<ArgumentException>(() => PerplexityTask.Passage(request));
        Assert.Contains("short.txt", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Items.Retrieval("needle.one").Create(request));
    }

    private static Prediction Run(string arm, double share) => new PerplexityTask()
        .Run(Items.Request(new ScriptedModel(), length: Length), [Items.Arm(arm, share)], CancellationToken.None).Single().Single();
}
