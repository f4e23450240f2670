using System.Text.Json;
using KvNorm.Evaluation.Reports;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation;

/// <summary>Results for people and programs, made from what a run has written down.</summary>
public static class EvaluationReport
{
    /// <summary>The metrics' file.</summary>
    public const string MetricsFile = "metrics.json";

    /// <summary>The report's file: one page that opens without a network.</summary>
    public const string PageFile = "report.html";

    /// <summary>Writes metrics.json and report.html from the predictions of a folder.</summary>
    /// <param name="folder">A run's folder.</param>
    /// <param name="warn">Told of broken lines.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="IOException">There is no such folder, or no predictions in it.</exception>
    public static EvaluationMetrics Write(string folder, Action<string>? warn = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (!File.Exists(Path.Combine(folder, PredictionsFile.Name)))
            throw new FileNotFoundException($"There is no {PredictionsFile.Name} in '{folder}'; kvnorm eval --out makes it.");
        PredictionsFile file = PredictionsFile.Open(folder, warn ?? (static _ => { }));
        if (file.Predictions.Count == 0)
            throw new IOException($"Nothing was measured yet in '{folder}'.");
        EvaluationMetrics metrics = MetricsBuilder.Build(file.Runs, file.Predictions);
        File.WriteAllText(Path.Combine(folder, MetricsFile), JsonSerializer.Serialize(metrics, ResultJson.Indented));
        File.WriteAllText(Path.Combine(folder, PageFile), new ReportPage(file.Runs, metrics).Render());
        return metrics;
    }
}
