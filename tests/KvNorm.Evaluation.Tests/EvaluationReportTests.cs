using System.Text.Json;
using System.Text.RegularExpressions;
using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests;

public sealed class EvaluationReportTests
{
    private static readonly string[] RunFields =
        ["model", "seed", "library", "commit", "devices", "tasks", "arms", "shares", "text"];

    private static readonly string[] ArmFields =
        ["score", "scoreToFull", "items", "seconds", "secondsBefore", "cells", "bytes", "evictions", "answerTokens", "hitLimit"];

    private static readonly string[] Tags = ["section", "table", "tr", "td", "div"];

    [Fact]
    public void Write_Run_MakesMetricsThatCanBeMadeAgain()
    {
        using TemporaryFolder folder = Run("needle.one", "perplexity");
        EvaluationMetrics metrics = EvaluationReport.Write(folder.Path);
        string first = File.ReadAllText(folder.File(EvaluationReport.MetricsFile));
        EvaluationReport.Write(folder.Path);
        Assert.Equal(first, File.ReadAllText(folder.File(EvaluationReport.MetricsFile)));
        Assert.Equal(["perplexity", "needle.one"], metrics.Tasks.Select(static task => task.Task), StringComparer.Ordinal);
        using JsonDocument json = JsonDocument.Parse(first);
        JsonElement arm = json.RootElement.GetProperty("tasks")[1].GetProperty("arms")[1];
        Assert.All(RunFields, name => Assert.True(json.RootElement.GetProperty("runs")[0].TryGetProperty(name, out _), name));
        Assert.All(ArmFields, name => Assert.True(arm.TryGetProperty(name, out _), name));
        Assert.True(arm.GetProperty("score").GetProperty("low").GetDouble() <= arm.GetProperty("score").GetProperty("mean").GetDouble());
    }

    [Fact]
    public void Write_Page_NeedsNothingFromElsewhere()
    {
        using TemporaryFolder folder = Run("needle.one", "perplexity", "conversation.stated");
        string page = WritePage(folder);
        Assert.Equal(0, Count(page, "(?:src|href)=\"(?!#)|url\\((?!#)|@import|<script|<link"));
        Assert.True(page.Split("<svg").Length - 1 >= 4); // scores by share for each task, and along the text
        Assert.DoesNotContain("rgb(1,2,3)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("#010203", page, StringComparison.Ordinal);
        Assert.Contains("currentColor", page, StringComparison.Ordinal);
        Assert.Contains("Score by depth", page, StringComparison.Ordinal);
        Assert.Contains("Score by age", page, StringComparison.Ordinal);
        Assert.Contains("since the last eviction", page, StringComparison.Ordinal);
        Assert.All(Tags, tag => Assert.Equal(Count(page, $"<{tag}[ >]"), Count(page, $"</{tag}>")));
    }

    // A run may be writing it.
    [Fact]
    public void Write_LineThatIsNotWhole_IsLeftInTheFile()
    {
        using TemporaryFolder folder = Run("needle.one");
        string path = folder.File(PredictionsFile.Name);
        File.AppendAllText(path, "{\"prediction\":");
        string before = File.ReadAllText(path);
        List<string> warnings = [];
        EvaluationReport.Write(folder.Path, warnings.Add);
        Assert.Single(warnings);
        Assert.Equal(before, File.ReadAllText(path));
    }

    [Fact]
    public void Write_TwoVersionsOfATask_HavePlacesOfTheirOwnAndNoMap()
    {
        Prediction prediction = new("needle.one", 1, 512, 0, "", 1, "salience", 0.25) { Depth = 0.1 };
        string page = PageOf(prediction, prediction with { Version = 2 });
        Assert.Equal((1, 1), (Count(page, "id=\"needle.one-v1-512\""), Count(page, "id=\"needle.one-v2-512\"")));
        Assert.DoesNotContain("depth x length", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_SeveralKindsOfQuestion_AreApart()
    {
        Prediction rule = new("agent", 5, 2400, 0, "rule", 2, "salience", 0.25) { Group = "rule kept" };
        Prediction value = rule with { Probe = "order 1", Group = "value copied" };
        string page = PageOf(rule, value, value with { Probe = "order 2" });
        Assert.Contains("<td>rule kept</td><td>1</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td>value copied</td><td>2</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_SeveralLengths_HaveAMapOfDepthAndLength()
    {
        Prediction prediction = new("needle.one", 1, 512, 0, "", 1, "salience", 0.25) { Depth = 0.1 };
        string page = PageOf(prediction, prediction with { Size = 1024 });
        string map = page[page.IndexOf("depth x length", StringComparison.Ordinal)..];
        Assert.Contains("<td>512</td>", map, StringComparison.Ordinal);
        Assert.Contains("<td>1,024</td>", map, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Attention_HasMapsOfLayersAndHeads()
    {
        using TemporaryFolder folder = Run("attention");
        EvaluationMetrics metrics = EvaluationReport.Write(folder.Path);
        Assert.Equal(["salience", "recency"], Assert.Single(metrics.Tasks).Arms.Select(static arm => arm.Arm), StringComparer.Ordinal);
        string page = File.ReadAllText(folder.File(EvaluationReport.PageFile));
        Assert.Equal(2, Count(page, "per layer and head"));
        Assert.Equal(2, Count(page, "<td>recency</td><td>1</td><td class=\"heat\""));
        Assert.Contains(">-1.00</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("--share:-", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NamesOfAStranger_AreText()
    {
        string page = PageOf(new Prediction("<script>x", 1, 1, 0, "", 1, "<b>arm", 0.5));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NoPredictions_SaysSo()
    {
        using TemporaryFolder folder = Items.Folder();
        FileNotFoundException e = Assert.Throws<FileNotFoundException>(() => EvaluationReport.Write(folder.Path));
        Assert.Contains("predictions.jsonl", e.Message, StringComparison.Ordinal);
    }

    private static string PageOf(params Prediction[] predictions)
    {
        using TemporaryFolder folder = Items.Folder();
        PredictionsFile.Open(folder.Path, static _ => { }).Append(predictions);
        return WritePage(folder);
    }

    private static string WritePage(TemporaryFolder folder)
    {
        EvaluationReport.Write(folder.Path);
        return File.ReadAllText(folder.File(EvaluationReport.PageFile));
    }

    private static TemporaryFolder Run(params string[] tasks)
    {
        TemporaryFolder folder = Items.Folder();
        EvaluationSettings settings = new()
        {
            Tasks = [.. tasks.SelectMany(EvaluationTask.Named)],
            Text = Items.Text,
            Arms = [EvaluationArm.Parse("salience"), EvaluationArm.Parse("recency")],
            Shares = [0.5, 0.25],
            Lengths = [200],
            Items = 2,
        };
        new EvaluationRun(new ScriptedModel(), settings, folder.Path).Run();
        return folder;
    }

    private static int Count(string page, string tag) => Regex.Count(page, tag, RegexOptions.None, TimeSpan.FromSeconds(1));
}
