using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests;

/// <summary>What tests ask tasks for.</summary>
internal static class Items
{
    public static EvaluationText Text { get; } = EvaluationText.Load(null);

    public static ItemRequest Request(EvaluationModel model, int index = 0, int length = 600, int seed = 1, DataSet? data = null) =>
        new(model, Text, data, seed, index, length);

    public static RetrievalTask Retrieval(string name) => Assert.IsType<RetrievalTask>(Assert.Single(EvaluationTask.Named(name)));

    public static ArmShare Arm(string name, double share) => new(EvaluationArm.Parse(name), share);

    public static string TextOf(ScriptedModel model, RetrievalItem item) => model.Text(item.Tokens);

    /// <summary>A folder that is gone after the test.</summary>
    public static TemporaryFolder Folder() => new();
}
