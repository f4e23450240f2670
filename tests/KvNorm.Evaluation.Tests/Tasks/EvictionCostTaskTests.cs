using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class EvictionCostTaskTests
{
    [Fact]
    public void Run_Policies_CountOneWarmEviction()
    {
        ScriptedModel model = new();
        ItemRequest request = Items.Request(model);
        Prediction prediction =
            new EvictionCostTask().Run(request, [Items.Arm("salience", 0.5)], CancellationToken.None).Single().Single();
        Assert.Equal(("salience", 2.0, 300), (prediction.Arm, prediction.Score, prediction.Cells)); // a scripted eviction takes 2 ms
        Assert.Equal([600, 600], model.EvictedFrom); // both of the full cache: what a scorer looks at is there both times
    }

    [Fact]
    public void Run_MoreThanTheModelWasTrainedFor_IsLeftOut() => Assert.Empty(new EvictionCostTask().Run(
        Items.Request(new ScriptedModel(trainedLength: 300)), [Items.Arm("salience", 0.5)], CancellationToken.None));
}
