using System.Text.Json;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Tests.Results;

public sealed class PredictionsFileTests
{
    [Fact]
    public void Open_WhatWasAppended_IsReadAgain()
    {
        using TemporaryFolder folder = Items.Folder();
        PredictionsFile file = Open(folder);
        EvaluationRunFacts run = Run();
        file.Begin(run);
        Prediction whole = Of("a") with
        {
            Depth = 0.3, Age = 7, Answer = "so\n\"it\" ist é", Expected = ["x"], LogProbability = -1.5, HitLimit = true,
            ByPosition = [new StreamBlock(0, 2, -1, -0.5, 0.1, 1)],
        };
        file.Append([whole]);
        PredictionsFile again = Open(folder);
        Assert.Equal(Json(whole), Json(Assert.Single(again.Predictions)));
        Assert.Equal(Json(run), Json(Assert.Single(again.Runs)));
    }

    [Theory]
    [InlineData("{\"prediction\":{\"task\":\"t\",\"vers")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"prediction\":{\"task\":\"t\"}}")]
    [InlineData("{\"prediction\":{\"task\":null,\"version\":1,\"size\":1,\"item\":0,\"probe\":\"\",\"probes\":1,\"arm\":\"a\","
        + "\"share\":1}}")]
    public void Begin_BrokenLine_IsTakenOut(string broken)
    {
        using TemporaryFolder folder = Items.Folder();
        Open(folder).Append([Of("a")]);
        File.AppendAllText(folder.File(PredictionsFile.Name), broken);
        List<string> warnings = [];
        PredictionsFile file = PredictionsFile.Open(folder.Path, warnings.Add);
        Assert.Contains("line 2", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.EndsWith(broken, File.ReadAllText(folder.File(PredictionsFile.Name)), StringComparison.Ordinal); // until a run goes on
        file.Begin(Run());
        file.Append([Of("b")]);
        Assert.Equal(["a", "b"], Open(folder).Predictions.Select(static prediction => prediction.Arm), StringComparer.Ordinal);
    }

    [Fact]
    public void Begin_LastLineWithoutItsEnd_IsNotRunIntoTheNext()
    {
        using TemporaryFolder folder = Items.Folder();
        Open(folder).Append([Of("a")]);
        string path = folder.File(PredictionsFile.Name);
        File.WriteAllText(path, File.ReadAllText(path).TrimEnd('\n'));
        PredictionsFile file = Open(folder);
        file.Begin(Run());
        file.Append([Of("b")]);
        Assert.Equal(2, Open(folder).Predictions.Count);
    }

    [Fact]
    public void IsDone_SomeQuestionsAnswered_IsNot()
    {
        using TemporaryFolder folder = Items.Folder();
        PredictionsFile file = Open(folder);
        Prediction first = Of("a") with { Probe = "1", Probes = 2 }, second = first with { Probe = "2" };
        Assert.False(file.IsDone(first.Key.OfArm()));
        file.Append([first]);
        file.Append([first]);
        Assert.False(file.IsDone(first.Key.OfArm()));
        file.Append([second]);
        Assert.True(file.IsDone(first.Key.OfArm()));
        Assert.False(file.IsDone(first.Key.OfArm() with { Item = 1 }));
        Assert.False(file.IsDone(first.Key.OfArm() with { Version = 2 }));
    }

    [Fact]
    public void Append_SameQuestionAgain_TheLatestCounts()
    {
        using TemporaryFolder folder = Items.Folder();
        PredictionsFile file = Open(folder);
        file.Append([Of("a")]);
        file.Append([Of("a") with { Score = 1 }]);
        Assert.Equal(1, Assert.Single(Open(folder).Predictions).Score);
    }

    [Fact]
    public void Begin_StartThatMeasuredNothing_IsTakenOut()
    {
        using TemporaryFolder folder = Items.Folder();
        PredictionsFile file = Open(folder);
        file.Begin(Run());
        file.Append([Of("a")]);
        string path = folder.File(PredictionsFile.Name);
        File.WriteAllLines(path, File.ReadAllLines(path)[..1]);
        file = Open(folder);
        Assert.Empty(file.Runs);
        file.Begin(Run());
        Assert.Empty(File.ReadAllText(path));
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value);

    private static PredictionsFile Open(TemporaryFolder folder) =>
        PredictionsFile.Open(folder.Path, static warning => Assert.Fail(warning));

    private static Prediction Of(string arm) => new("t", 1, 100, 0, "", 1, arm, 0.5);

    private static EvaluationRunFacts Run() =>
        new("m", 100, 1, "text", "abc", ["t v1"], ["a"], "library", "commit", "cpu", 2, DateTime.UnixEpoch) { Shares = [0.5] };
}
