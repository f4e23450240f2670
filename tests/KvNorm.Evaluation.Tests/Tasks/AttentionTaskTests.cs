using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class AttentionTaskTests
{
    // In the scripted cache attention rises along the rows in the first head of a layer and falls in the second.
    [Fact]
    public void Run_Policies_AreComparedWithTheAttentionOfEachHead()
    {
        ScriptedModel model = new();
        ArmShare[] arms = [Items.Arm("recency", 1), Items.Arm("keynorm", 1)];
        Prediction[] predictions =
        [
            .. new AttentionTask().Run(Items.Request(model, length: 300), arms, CancellationToken.None).Select(static arm => arm.Single()),
        ];
        Assert.Equal(["recency", "keynorm"], predictions.Select(static one => one.Arm), StringComparer.Ordinal);
        foreach ((Prediction one, int best) in predictions.Zip([0, 1]))
        {
            Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1)], one.ByHead!.Select(static head => (head.Layer, head.Head)));
            Assert.All(one.ByHead!, head =>
            {
                Assert.Equal(head.Head == best ? 1 : -1, head.Correlation, 1e-6);
                Assert.InRange(head.AttentionLoss, head.Head == best ? 0 : 90, head.Head == best ? 1e-3 : 110); // a third of 300
            });
            Assert.Equal((0.0, 300), (one.Correlation!.Value, one.Length));
            Assert.Equal(one.ByHead!.Average(static head => head.AttentionLoss), one.Score);
        }

        Assert.Equal(["h2o"], model.Policies, StringComparer.Ordinal); // the attention of all tokens was read
        Assert.Equal(308, model.Decoded);
    }

    [Fact]
    public void Run_EveryPolicy_IsMeasured()
    {
        ArmShare[] arms = [.. EvictionPolicy.Names.Append("fastgen-static").Select(static name => Items.Arm(name, 1))];
        IEnumerable<IReadOnlyList<Prediction>> predictions =
            new AttentionTask().Run(Items.Request(new ScriptedModel()), arms, CancellationToken.None);
        Assert.Equal(arms.Select(static arm => arm.Arm.Name), predictions.Select(static arm => arm.Single().Arm), StringComparer.Ordinal);
    }

    [Fact]
    public void Run_MoreThanTheModelWasTrainedFor_IsLeftOut() => Assert.Empty(new AttentionTask().Run(
        Items.Request(new ScriptedModel(trainedLength: 300)), [Items.Arm("salience", 1)], CancellationToken.None));

    [Fact]
    public void Shares_AskedFor_DoNotRepeatIt()
    {
        EvaluationSettings settings = new() { Tasks = EvaluationTask.Named("attention"), Text = Items.Text, Shares = [0.5, 0.25] };
        Assert.Equal([1], settings.SharesOf(settings.Tasks[0]));
        Assert.Equal([0.5, 0.25], settings.SharesOf(EvaluationTask.Named("needle.one")[0]));
    }
}
