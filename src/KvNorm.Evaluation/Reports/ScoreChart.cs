using System.Net;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace KvNorm.Evaluation.Reports;

/// <summary>
/// A chart of one line per arm, as SVG whose text and axes take the page's colour; the legend is the page's own, since only the browser
/// knows how wide its font is.
/// </summary>
/// <param name="id">The chart's name in the page.</param>
/// <param name="horizontal">What the horizontal axis is.</param>
internal sealed class ScoreChart(string id, string horizontal)
{
    private const int Width = 760, Height = 380; // of the view box; the page scales it
    private const string PageColour = "currentColor";

    // Stands for the page's own colour in the SVG that the library writes, since that is known by the browser only.
    private static readonly OxyColor Ink = OxyColor.FromRgb(1, 2, 3);

    // Okabe and Ito's colours (2008), which differ for colour-blind readers too, darkened or lightened to be seen on white and on black.
    private static readonly OxyColor[] Colours =
    [
        OxyColor.Parse("#0072B2"), OxyColor.Parse("#D55E00"), OxyColor.Parse("#009E73"), OxyColor.Parse("#CC79A7"),
        OxyColor.Parse("#B58900"), OxyColor.Parse("#3C9FD4"), OxyColor.Parse("#8C6BB1"), OxyColor.Parse("#7F7F7F"),
    ];

    private readonly List<(string Arm, IReadOnlyList<ScorePoint> Points)> _lines = [];

    /// <summary>Adds an arm's line.</summary>
    public void Add(string arm, IReadOnlyList<ScorePoint> points) => _lines.Add((arm, points));

    /// <summary>The chart.</summary>
    /// <param name="places">Places that are marked on the horizontal axis at equal distances; null for a scale.</param>
    public string ToHtml(IReadOnlyList<double>? places = null)
    {
        PlotModel plot = new() { TextColor = Ink, PlotAreaBorderColor = OxyColors.Transparent, DefaultFont = "sans-serif" };
        plot.Axes.Add(places is null ? Scale(AxisPosition.Bottom, horizontal) : Steps(places));
        plot.Axes.Add(Scale(AxisPosition.Left, ""));
        for (int i = 0; i < _lines.Count; i++)
            plot.Series.Add(Line(i, places));
        string svg = new SvgExporter { Width = Width, Height = Height, IsDocument = false }.ExportToString(plot);
        return $"<div class=\"scroll charts\">{ForPage(svg)}</div>{Legend()}";
    }

    private static bool IsSolid(int number) => number < Colours.Length;

    private static OxyColor ColourOf(int number) => Colours[number % Colours.Length];

    private string Legend()
    {
        IEnumerable<string> entries = _lines.Select(static (line, number) =>
        {
            OxyColor colour = ColourOf(number);
            string css = $"border-top: 3px {(IsSolid(number) ? "solid" : "dashed")} rgb({colour.R},{colour.G},{colour.B})";
            return $"<li><i style=\"{css}\"></i>{WebUtility.HtmlEncode(line.Arm)}</li>";
        });
        return $"<ul class=\"legend\">{string.Concat(entries)}</ul>\n";
    }

    // The library writes a picture of fixed size that is alone in its document.
    private string ForPage(string svg) => svg
        .Replace($"<svg width=\"{Width}\" height=\"{Height}\"", $"<svg viewBox=\"0 0 {Width} {Height}\"", StringComparison.Ordinal)
        .Replace("\"clipPath", $"\"{id}-clip", StringComparison.Ordinal)
        .Replace("#clipPath", $"#{id}-clip", StringComparison.Ordinal)
        .Replace("rgb(1,2,3)", PageColour, StringComparison.Ordinal);

    private static LinearAxis Scale(AxisPosition position, string title) => new()
    {
        Position = position,
        Title = title,
        TextColor = Ink,
        TitleColor = Ink,
        TicklineColor = Ink,
        AxislineColor = Ink,
        AxislineStyle = LineStyle.Solid,
        MajorGridlineStyle = LineStyle.Dot,
        MajorGridlineColor = OxyColor.FromAColor(60, OxyColors.Gray),
        MinorTickSize = 0,
    };

    private LineSeries Line(int number, IReadOnlyList<double>? places)
    {
        IReadOnlyList<ScorePoint> points = _lines[number].Points;
        LineSeries line = new()
        {
            Color = ColourOf(number),
            LineStyle = IsSolid(number) ? LineStyle.Solid : LineStyle.Dash,
            MarkerType = MarkerType.Circle,
            MarkerSize = 3,
        };
        line.Points.AddRange(points.Select(point => new DataPoint(places is null ? point.At : IndexOf(places, point.At), point.Score)));
        return line;
    }

    private static int IndexOf(IReadOnlyList<double> places, double place) => places.TakeWhile(other => other != place).Count();

    private LinearAxis Steps(IReadOnlyList<double> places)
    {
        LinearAxis axis = Scale(AxisPosition.Bottom, horizontal);
        axis.MajorStep = 1;
        axis.MinimumPadding = axis.MaximumPadding = 0.05;
        axis.LabelFormatter = at => at >= 0 && at < places.Count && at == Math.Floor(at) ? $"{places[(int)at]:P1}" : "";
        return axis;
    }
}
