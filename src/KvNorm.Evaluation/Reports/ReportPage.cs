using System.Net;
using System.Text;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Reports;

/// <summary>The report: one page with everything in it.</summary>
internal sealed class ReportPage(IReadOnlyList<EvaluationRunFacts> runs, EvaluationMetrics metrics)
{
    private readonly StringBuilder _html = new();

    public string Render()
    {
        string model = runs.Count > 0 ? runs[^1].Model : "a model";
        _html.Append($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(model)}: what a KV cache budget costs</title><style>{Style()}</style></head><body>
            <h1>{Text(model)}: what a KV cache budget costs</h1>

            """);
        Configuration();
        _html.Append("<nav>");
        foreach (TaskMetrics task in metrics.Tasks)
            _html.Append($"<a href=\"#{Anchor(task)}\">{Text(task.Title)}</a> ");
        _html.Append("</nav>\n");
        foreach (TaskMetrics task in metrics.Tasks)
            Section(task);
        foreach (IGrouping<(string, int), TaskMetrics> task in metrics.Tasks.GroupBy(static task => (task.Task, task.Version)))
            Maps([.. task]);
        return _html.Append("</body></html>\n").ToString();
    }

    private static string Style()
    {
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream("KvNorm.Evaluation.Reports.report.css")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Anchor(TaskMetrics task) => Text($"{task.Task}-v{task.Version}-{task.Length}");

    private void Configuration()
    {
        if (runs.Count == 0)
            return;
        EvaluationRunFacts run = runs[^1];
        _html.Append("<dl>");
        Fact("text", run.Text);
        Fact("seed", $"{run.Seed}");
        Fact("recent window", run.RecentWindow is { } window ? $"{window:P0} of the rows kept" : "each policy's own");
        Fact("library", run.Library);
        Fact("commit", string.Join(", ", runs.Select(static start => start.Commit).Distinct(StringComparer.Ordinal)));
        if (run.Devices.Count > 1)
            Fact("devices", $"{string.Join(", ", run.Devices)}; layers on GPUs: {run.GpuLayers?.ToString() ?? "as many as fit"}");
        if (run.ArchiveBytes is { } archive)
            Fact("archive", $"{archive >> 20} MiB");
        Fact("ran on", $"{run.Cpu}, {run.Threads} threads, {runs[0].Started:yyyy-MM-dd HH:mm} to {run.Started:HH:mm} UTC and on");
        _html.Append("</dl>\n<p>In brackets the 95 % bootstrap interval; items are drawn. Differences are in pairs of the same question: ")
            .Append("bold where they are outside the interval and better, faint where worse.</p>\n");
    }

    private void Fact(string name, string value) => _html.Append($"<dt>{Text(name)}</dt><dd>{Text(value)}</dd>");

    private void Section(TaskMetrics task)
    {
        _html.Append($"<section id=\"{Anchor(task)}\"><h2>{Text(task.Title)}</h2>\n");
        _html.Append($"<p>Version {task.Version}. Score: {Text(task.Metric)}{(task.LowerIsBetter ? ", lower is better" : "")}.</p>\n");
        Charts(task);
        _html.Append(ArmTable.Of(task)).Append(GroupTable.Of(task));
        _html.Append(HeatTable.ByShare("Score by depth of what is asked for", task, static arm => arm.ByDepth, static at => $"{at:P0}"));
        _html.Append(HeatTable.ByShare(
            "Score by age of what is asked for, as a share of the conversation", task, static arm => arm.ByAge, static at => $"{at:P0}"));
        ByDistance("Perplexity ratio", task, static point => point.Ratio.Mean);
        ByDistance("KL divergence", task, static point => point.Divergence);
        ByDistance("Share of the same top token", task, static point => point.SameTop);
        Heads("Attention lost (ALR)", task, static head => head.AttentionLoss);
        Heads("Rank correlation of scores with attention received", task, static head => head.Correlation);
        _html.Append("</section>\n");
    }

    private void ByDistance(string title, TaskMetrics task, Func<StreamPoint, double> number) => _html.Append(HeatTable.ByShare(
        $"{title} by tokens since the last eviction", task, arm => Points(arm.ByDistance, number), static at => $"{at:0} and more"));

    private static ScorePoint[]? Points(IReadOnlyList<StreamPoint>? points, Func<StreamPoint, double> number) =>
        points?.Select(point => new ScorePoint(point.At, number(point), point.Count)).ToArray();

    // A row for each head of an arm, a column for each layer.
    private void Heads(string title, TaskMetrics task, Func<HeadMetrics, double> number)
    {
        IEnumerable<HeatRow> rows =
            from arm in task.Arms
            from head in (arm.ByHead ?? []).GroupBy(static head => head.Head)
            select new HeatRow(arm.Arm, $"{head.Key}", [.. head.Select(one => new ScorePoint(one.Layer, number(one), arm.Items))]);
        _html.Append(HeatTable.Of($"{title}, per layer and head", "head", [.. rows], static layer => $"{layer:0}"));
    }

    // Depth x length, which takes several lengths.
    private void Maps(TaskMetrics[] lengths)
    {
        if (lengths.Length < 2 || lengths.All(static length => length.Arms.All(static arm => arm.ByDepth is null)))
            return;
        _html.Append($"<section><h2>{Text(lengths[0].Task)}, depth x length</h2>\n");
        (int Length, ArmMetrics Arm)[] all =
        [
            .. lengths.SelectMany(static length => length.Arms, static (length, arm) => (length.Length, arm))
                .Where(static one => one.arm.ByDepth is not null).OrderBy(static one => one.arm.Arm, StringComparer.Ordinal),
        ];
        foreach (double share in all.Select(static one => one.Arm.Share).Distinct().OrderDescending())
        {
            IEnumerable<HeatRow> rows = all.Where(one => one.Arm.Share == share)
                .Select(static one => new HeatRow(one.Arm.Arm, $"{one.Length:N0}", one.Arm.ByDepth!));
            _html.Append(HeatTable.Of($"{share:P1} kept", "tokens", [.. rows], static at => $"{at:P0}"));
        }

        _html.Append("</section>\n");
    }

    private void Charts(TaskMetrics task)
    {
        double[] shares = [.. task.Arms.Select(static arm => arm.Share).Where(static share => share < 1).Distinct().Order()];
        if (shares.Length > 1)
            Chart($"Score ({task.Metric}) by the share kept", ByShare(task, shares));
        foreach (double share in shares.Where(share => task.Arms.Any(arm => arm.Share == share && arm.ByPosition is not null)))
        {
            ScoreChart along = new($"{Anchor(task)}-{share:0.0000}", "token of the text");
            foreach (ArmMetrics arm in task.Arms.Where(arm => arm.Share == share && arm.ByPosition is not null))
                along.Add(arm.Arm, Points(arm.ByPosition, static point => point.Ratio.Mean)!);
            Chart($"Perplexity ratio along the text, {share:P1} of it in the cache", along.ToHtml());
        }
    }

    private static string ByShare(TaskMetrics task, double[] shares)
    {
        ScoreChart chart = new(Anchor(task), "share kept");
        IEnumerable<ArmMetrics> small = task.Arms.Where(static arm => arm.Share < 1);
        foreach (IGrouping<string, ArmMetrics> arm in small.GroupBy(static arm => arm.Arm, StringComparer.Ordinal))
            chart.Add(
                arm.Key,
                [.. arm.OrderBy(static one => one.Share).Select(static one => new ScorePoint(one.Share, one.Score.Mean, one.Answers))]);
        if (task.Arms.FirstOrDefault(static arm => arm.Share == 1) is { } full)
            chart.Add(full.Arm, [.. shares.Select(share => new ScorePoint(share, full.Score.Mean, full.Answers))]);
        return chart.ToHtml(shares);
    }

    private void Chart(string title, string chart) => _html.Append($"<h3>{Text(title)}</h3>{chart}");
}
