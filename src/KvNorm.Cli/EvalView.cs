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
            {
                ArmMetrics?[] byShare = [.. shares.Select(share => arm.FirstOrDefault(one => one.Share == share))];
                table.AddRow([Markup.Escape(arm.Key), .. byShare.Select(static one => one is null ? "" : Cell(one))]);
                IEnumerable<string> kinds = arm.SelectMany(static one => one.ByGroup ?? []).Select(static one => one.Group);
                foreach (string kind in kinds.Distinct(StringComparer.Ordinal))
                    table.AddRow([$"  {Markup.Escape(kind)}", .. byShare.Select(one => Cell(one, kind))]);
            }

            AnsiConsole.Write(table);
        }
    }

    private static string Cell(ArmMetrics arm) => $"{Cell(arm.Score, arm.Answers)}{Exact(arm.Exact)}";

    private static string Cell(ArmMetrics? arm, string kind) =>
        arm?.ByGroup?.FirstOrDefault(group => group.Group == kind) is { } found ? Cell(found.Score, found.Answers) : "";

    private static string Cell(Interval score, int answers) =>
        $"{score.Mean:0.00}{(score.Low is null ? "" : $" [[{score.Low:0.00}, {score.High:0.00}]]")} n {answers}";

    private static string Exact(Interval? exact) => exact is { } known ? $", exact {known.Mean:0.00}" : "";
}
