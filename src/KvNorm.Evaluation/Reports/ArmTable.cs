using System.Net;
using System.Text;

namespace KvNorm.Evaluation.Reports;

/// <summary>A task's table: a row for each arm and share.</summary>
internal static class ArmTable
{
    // A column is left out where no arm has anything in it.
    private static readonly (string Title, Func<ArmMetrics, TaskMetrics, string?> Cell)[] Columns =
    [
        ("kept", static (arm, _) => Cell($"{arm.Share:P1}")),
        ("n", static (arm, _) => Cell(arm.Answers == arm.Items ? $"{arm.Items}" : $"{arm.Answers} in {arm.Items}")),
        ("score", static (arm, _) => Cell(Show(arm.Score))),
        ("exact", static (arm, _) => Cell(Show(arm.Exact))),
        ("to full", static (arm, task) => Difference(arm.ScoreToFull, task.LowerIsBetter)),
        ("where full is right", static (arm, _) => Cell(Show(arm.ScoreWhereFullIsRight))),
        ("to default", static (arm, task) => Difference(arm.ScoreToDefault, task.LowerIsBetter)),
        ("log-probability", static (arm, _) => Cell(Show(arm.LogProbability))),
        ("to full", static (arm, _) => Difference(arm.LogProbabilityToFull, false)),
        ("to default", static (arm, _) => Difference(arm.LogProbabilityToDefault, false)),
        ("KL", static (arm, _) => Cell(Show(arm.Divergence))),
        ("same top token", static (arm, _) => Cell(Show(arm.SameTop))),
        ("correlation", static (arm, _) => Cell(Show(arm.Correlation))),
        ("evidence held", static (arm, _) => Cell(arm.EvidenceHeld is { } held ? $"{held.Mean:0.00}" : null)),
        ("answer tokens", static (arm, _) => Cell(arm.AnswerTokens is { } tokens ? $"{tokens:0.0}" : null)),
        ("hit limit", static (arm, _) => Cell(arm.HitLimit is { } hit ? $"{hit:P0}" : null)),
        ("evictions", static (arm, _) => Cell($"{arm.Evictions:0.0}")),
        ("ms each", static (arm, _) => Cell(arm.EvictionMilliseconds is { } milliseconds ? $"{milliseconds:0.0}" : null)),
        ("recalled tokens", static (arm, _) => Cell(arm.RecalledTokens is { } tokens ? $"{tokens:0.0}" : null)),
        ("ms a recall", static (arm, _) => Cell(arm.RecallMilliseconds is { } milliseconds ? $"{milliseconds:0.0}" : null)),
        ("cells", static (arm, _) => Cell($"{arm.Cells:0}")),
        ("MiB", static (arm, _) => Cell($"{arm.Bytes / (1 << 20):0.0}")),
        ("seconds before", static (arm, _) => Cell(arm.SecondsBefore is { } seconds ? $"{seconds:0.00}" : null)),
        ("seconds", static (arm, _) => Cell($"{arm.Seconds:0.00}")),
    ];

    public static string Of(TaskMetrics task)
    {
        var shown = Columns.Where(column => task.Arms.Any(arm => column.Cell(arm, task) is not null)).ToArray();
        StringBuilder html = new("<div class=\"scroll\"><table><thead><tr><th>arm</th>");
        foreach ((string title, _) in shown)
            html.Append($"<th>{title}</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach (ArmMetrics arm in task.Arms)
        {
            string kind = arm.Arm == EvictionPolicy.Salience.Name ? "default" : arm.Arm == EvaluationArm.Full.Name ? "full" : "";
            html.Append($"<tr class=\"{kind}\"><td>{WebUtility.HtmlEncode(arm.Arm)}</td>");
            foreach ((_, Func<ArmMetrics, TaskMetrics, string?> cell) in shown)
                html.Append(cell(arm, task) ?? "<td></td>");
            html.Append("</tr>\n");
        }

        return html.Append("</tbody></table></div>\n").ToString();
    }

    /// <summary>A number with its interval.</summary>
    public static string? Show(Interval? interval) =>
        interval is { } known ? $"{known.Mean:0.00}{Ends(known)}" : null;

    /// <summary>A cell with a difference, which shows whether it is outside the interval; null for none.</summary>
    public static string? Difference(Interval? interval, bool lowerIsBetter)
    {
        if (interval is not { } known)
            return null;
        bool up = known.Low > 0, down = known.High < 0;
        string kind = up == down ? "" : up != lowerIsBetter ? "better" : "worse";
        return $"<td class=\"{kind}\">{known.Mean:+0.00;-0.00;0.00}{Ends(known)}</td>";
    }

    private static string Ends(Interval interval) =>
        interval.Low is null ? "" : $" <small>[{interval.Low:0.00}, {interval.High:0.00}]</small>";

    private static string? Cell(string? text) => text is null ? null : $"<td>{text}</td>";
}
