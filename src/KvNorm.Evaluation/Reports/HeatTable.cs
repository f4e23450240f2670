using System.Globalization;
using System.Net;
using System.Text;

namespace KvNorm.Evaluation.Reports;

/// <summary>A table whose cells are coloured by their number: a column for each place.</summary>
internal static class HeatTable
{
    private const double MostColour = 0.85; // of the cell with the highest number, so that its text can be read

    /// <summary>A table with a row for each arm and share; nothing where no arm has such points.</summary>
    public static string ByShare(
        string title, TaskMetrics task, Func<ArmMetrics, IReadOnlyList<ScorePoint>?> points, Func<double, string> place) => Of(
            title,
            "kept",
            [.. task.Arms.Where(arm => points(arm) is not null).Select(arm => new HeatRow(arm.Arm, $"{arm.Share:P1}", points(arm)!))],
            place);

    /// <summary>A table; nothing without rows.</summary>
    /// <param name="title">What the numbers are.</param>
    /// <param name="of">What <see cref="HeatRow.Of"/> is.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="place">A column's title.</param>
    public static string Of(string title, string of, IReadOnlyList<HeatRow> rows, Func<double, string> place)
    {
        if (rows.Count == 0)
            return "";
        double[] places = [.. rows.SelectMany(static row => row.Points).Select(static point => point.At).Distinct().Order()];
        double most = rows.SelectMany(static row => row.Points).Max(static point => point.Score);
        StringBuilder html = new($"<h3>{title}</h3><div class=\"scroll\"><table><thead><tr><th>arm</th><th>{of}</th>");
        foreach (double at in places)
            html.Append($"<th>{place(at)}</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach (HeatRow row in rows)
        {
            Dictionary<double, ScorePoint> known = row.Points.ToDictionary(static point => point.At);
            html.Append($"<tr><td>{WebUtility.HtmlEncode(row.Arm)}</td><td>{row.Of}</td>");
            foreach (double at in places)
                html.Append(known.TryGetValue(at, out ScorePoint point) ? Cell(point, most) : "<td></td>");
            html.Append("</tr>\n");
        }

        return html.Append("</tbody></table></div>\n").ToString();
    }

    private static string Cell(ScorePoint point, double most)
    {
        string share = (most > 0 ? MostColour * Math.Max(0, point.Score) / most : 0).ToString("0.00", CultureInfo.InvariantCulture);
        return $"<td class=\"heat\" style=\"--share:{share}\" title=\"n = {point.Count}\">{point.Score:0.00}</td>";
    }
}
