using System.Net;
using System.Text;

namespace KvNorm.Evaluation.Reports;

/// <summary>What was found of each kind of question: a row for each arm, share and kind.</summary>
internal static class GroupTable
{
    /// <summary>The table; nothing where a task has one kind of question.</summary>
    public static string Of(TaskMetrics task)
    {
        if (task.Arms.All(static arm => arm.ByGroup is null))
            return "";
        StringBuilder html = new("<h3>By kind of question</h3><div class=\"scroll\"><table><thead><tr><th>arm</th><th>kept</th>");
        html.Append("<th>kind</th><th>n</th><th>score</th><th>to default</th><th>log-probability</th><th>to default</th>")
            .Append("</tr></thead><tbody>\n");
        foreach (ArmMetrics arm in task.Arms)
        {
            foreach (GroupMetrics group in arm.ByGroup ?? [])
            {
                html.Append($"<tr><td>{WebUtility.HtmlEncode(arm.Arm)}</td><td>{arm.Share:P1}</td>")
                    .Append($"<td>{WebUtility.HtmlEncode(group.Group)}</td><td>{group.Answers}</td>")
                    .Append($"<td>{ArmTable.Show(group.Score)}</td>")
                    .Append(ArmTable.Difference(group.ScoreToDefault, task.LowerIsBetter) ?? "<td></td>")
                    .Append($"<td>{ArmTable.Show(group.LogProbability)}</td>")
                    .Append(ArmTable.Difference(group.LogProbabilityToDefault, false) ?? "<td></td>").Append("</tr>\n");
            }
        }

        return html.Append("</tbody></table></div>\n").ToString();
    }
}
