using KvNorm.Evaluation;
using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>The scores of an evaluation, a table for each task: a row for each arm, a column for each share kept.</summary>
internal static class EvalView
{
    public static void Show(EvaluationMetrics metrics)
    {
        foreach (TaskMetrics task in metrics.Tasks)
        {
            double[] shares = [.. task.Arms.Select(static arm => arm.Share).Distinct().OrderDescending()];
            Table table = new Table().Title($"{task.Title}: {task.Metric}").AddColumn("Arm");
            foreach (double share in shares)
                table.AddColumn(share == 1 ? "all" : $"{share:P1}");
            foreach (IGrouping<string, ArmMetrics> arm in task.Arms.GroupBy(static arm => arm.Arm, StringComparer.Ordinal))
                table.AddRow([Markup.Escape(arm.Key), .. shares.Select(share => Cell(arm.FirstOrDefault(one => one.Share == share)))]);
            AnsiConsole.Write(table);
        }
    }

    private static string Cell(ArmMetrics? arm) =>
        arm is null ? "" : $"{arm.Score.Mean:0.00} [[{arm.Score.Low:0.00}, {arm.Score.High:0.00}]] n {arm.Answers}{Exact(arm.Exact)}";

    private static string Exact(Interval? exact) => exact is { } known ? $", exact {known.Mean:0.00}" : "";
}
