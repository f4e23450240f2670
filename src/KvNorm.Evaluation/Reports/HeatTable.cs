using System.Globalization;
using System.Net;
using System.Text;

namespace KvNorm.Evaluation.Reports;

/// <summary>A table whose cells are coloured by their number: a row for each arm and share, a column for each place.</summary>
internal static class HeatTable
{
    private const double MostColour = 0.85; // of the cell with the highest number, so that its text can be read

    /// <summary>The table; nothing where no arm has such points.</summary>
    public static string Of(
        string title, TaskMetrics task, Func<ArmMetrics, IReadOnlyList<ScorePoint>?> points, Func<double, string> place)
    {
        (ArmMetrics Arm, Dictionary<double, ScorePoint> Points)[] rows =
        [
            .. task.Arms.Where(arm => points(arm) is not null)
                .Select(arm => (arm, points(arm)!.ToDictionary(static point => point.At))),
        ];
        if (rows.Length == 0)
            return "";
        double[] places = [.. rows.SelectMany(static row => row.Points.Keys).Distinct().Order()];
        double most = rows.Max(static row => row.Points.Values.Max(static point => point.Score));
        StringBuilder html = new($"<h3>{title}</h3><div class=\"scroll\"><table><thead><tr><th>arm</th><th>kept</th>");
        foreach (double at in places)
            html.Append($"<th>{place(at)}</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach ((ArmMetrics arm, Dictionary<double, ScorePoint> known) in rows)
        {
            html.Append($"<tr><td>{WebUtility.HtmlEncode(arm.Arm)}</td><td>{arm.Share:P1}</td>");
            foreach (double at in places)
                html.Append(known.TryGetValue(at, out ScorePoint point) ? Cell(point, most) : "<td></td>");
            html.Append("</tr>\n");
        }

        return html.Append("</tbody></table></div>\n").ToString();
    }

    private static string Cell(ScorePoint point, double most)
    {
        string share = (most > 0 ? MostColour * point.Score / most : 0).ToString("0.00", CultureInfo.InvariantCulture);
        return $"<td class=\"heat\" style=\"--share:{share}\" title=\"n = {point.Count}\">{point.Score:0.00}</td>";
    }
}
