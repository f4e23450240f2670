using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests;

public sealed class EvaluationRunTests
{
    [Fact]
    public void Run_Settings_MeasuresEveryArmOfEveryItem()
    {
        using TemporaryFolder folder = Items.Folder();
        List<EvaluationProgress> progress = [];
        Run(folder, Settings(), progress: progress.Add);
        IReadOnlyCollection<Prediction> predictions = Read(folder).Predictions;
        Assert.Equal(3 * (1 + (2 * 2)), predictions.Count); // items x (full, two policies at two shares)
        Assert.Equal((15, 15), (progress[^1].Done, progress[^1].Total));
        Assert.Equal(progress.Select(static step => step.Done).Order(), progress.Select(static step => step.Done));
    }

    [Fact]
    public void Run_Again_DoesOnlyWhatIsMissing()
    {
        using TemporaryFolder folder = Items.Folder();
        Run(folder, Settings());
        ScriptedModel model = new();
        Run(folder, Settings(), model);
        Assert.Equal(0, model.Decoded);
        Run(folder, Settings() with { Items = 4, Arms = [.. Settings().Arms!, EvaluationArm.Parse("cur")] });
        PredictionsFile file = Read(folder);
        Assert.Equal(4 * (1 + (3 * 2)), file.Predictions.Count);
        Assert.Equal(2, file.Runs.Count); // the second start measured nothing
        Assert.Equal(30, File.ReadAllLines(folder.File(PredictionsFile.Name)).Length); // nothing was written twice
    }

    [Fact]
    public void Run_BrokenLine_IsMeasuredAgain()
    {
        using TemporaryFolder folder = Items.Folder();
        Run(folder, Settings());
        string[] lines = File.ReadAllLines(folder.File(PredictionsFile.Name)), before = [.. lines];
        lines[4] = lines[4][..40];
        File.WriteAllLines(folder.File(PredictionsFile.Name), lines);
        List<string> warnings = [];
        Run(folder, Settings(), warn: warnings.Add);
        Assert.Contains("line 5", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal(15, Read(folder).Predictions.Count);
    }

    // Nobody knows the seed or the text of what is there.
    [Fact]
    public void Run_BrokenLineOfTheOnlyStart_IsRefused()
    {
        using TemporaryFolder folder = Items.Folder();
        Run(folder, Settings());
        string[] lines = File.ReadAllLines(folder.File(PredictionsFile.Name));
        lines[0] = lines[0][..40];
        File.WriteAllLines(folder.File(PredictionsFile.Name), lines);
        ArgumentException e = Assert.Throws<ArgumentException>(() => Run(folder, Settings(), warn: static _ => { }));
        Assert.Contains("another folder", e.Message, StringComparison.Ordinal);
        Assert.Equal(lines, File.ReadAllLines(folder.File(PredictionsFile.Name))); // so that it can be mended by hand
    }

    [Fact]
    public void Run_Cancelled_KeepsWhatIsDone()
    {
        using TemporaryFolder folder = Items.Folder();
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(
            folder, Settings(), progress: step =>
            {
                if (step.Done == 7)
                    stop.Cancel();
            }, cancellationToken: stop.Token));
        Assert.Equal(7, Read(folder).Predictions.Count);
        Run(folder, Settings());
        Assert.Equal(15, Read(folder).Predictions.Count);
    }

    [Fact]
    public void Run_FolderOfAnotherRun_IsRefused()
    {
        using TemporaryFolder folder = Items.Folder();
        Run(folder, Settings());
        ArgumentException e = Assert.Throws<ArgumentException>(() => Run(folder, Settings() with { Seed = 2 }));
        Assert.Contains("seed 1", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Run(folder, Settings() with { RecentWindow = 0.5 }));
    }

    [Fact]
    public void Run_NothingWasMeasured_LeavesTheFolderToAnyOther()
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("short.txt"), "One sentence. Two.");
        EvaluationText tooShort = EvaluationText.Load(folder.File("short.txt"));
        Assert.Throws<ArgumentException>(() => Run(folder, Settings() with { Text = tooShort }));
        IOException e = Assert.Throws<IOException>(() => EvaluationReport.Write(folder.Path));
        Assert.Contains("measured", e.Message, StringComparison.Ordinal);
        Run(folder, Settings());
        Assert.Equal(15, Read(folder).Predictions.Count);
    }

    [Fact]
    public void Run_ItemsLongerThanTheModelWasTrainedFor_Warns()
    {
        using TemporaryFolder folder = Items.Folder();
        List<string> warnings = [];
        Run(folder, Settings(), new ScriptedModel(trainedLength: 200), warn: warnings.Add);
        Assert.Contains("200", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.DoesNotContain(Read(folder).Predictions, static prediction => prediction.Arm == "full");
    }

    [Fact]
    public void Run_RecordsLongerThanTheModelWasTrainedFor_Warns()
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllLines(folder.File("hotpotqa.jsonl"), [Record(60), Record(20)]);
        EvaluationSettings settings = Settings() with
        {
            Tasks = EvaluationTask.Named("longbench.hotpotqa"), DataPath = folder.Path, Shares = [0.3], Lengths = [200, 300],
        };
        List<string> warnings = [];
        Run(folder, settings, new ScriptedModel(trainedLength: 300), warn: warnings.Add);
        Assert.Contains("1 of 2 records", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.All(Read(folder).Predictions, static one => Assert.Equal(0, one.Size)); // measured once, whatever lengths are asked for

        static string Record(int sentences)
        {
            string context = string.Join(' ', Enumerable.Repeat("Anna found it.", sentences));
            return $$"""{"input": "Who?", "answers": ["Anna"], "context": "{{context}}"}""";
        }
    }

    [Theory]
    [InlineData("needle.one")]
    [InlineData("conversation.stated")]
    [InlineData("conversation.numbers")]
    [InlineData("agent")]
    public void Run_TextShorterThanAnItem_SaysSo(string task)
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("short.txt"), "One sentence. Two. Three of them.");
        EvaluationSettings settings = Settings() with
        {
            Tasks = EvaluationTask.Named(task), Text = EvaluationText.Load(folder.File("short.txt")), Lengths = [900],
        };
        Assert.Contains("shorter", Assert.Throws<ArgumentException>(() => Run(folder, settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FolderThatIsAFile_SaysSo()
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("file"), "");
        EvaluationRun run = new(new ScriptedModel(), Settings(), folder.File("file"));
        Assert.Contains("cannot be written", Assert.ThrowsAny<IOException>(() => run.Run()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attention")]
    [InlineData("cost")]
    public void Run_Again_ReadsNothingForArmsWithoutAMeaning(string task)
    {
        using TemporaryFolder folder = Items.Folder();
        EvaluationSettings settings = Settings() with { Tasks = EvaluationTask.Named(task), Arms = null, Items = 1, Shares = null };
        ScriptedModel model = new(), again = new();
        Run(folder, settings, model);
        Run(folder, settings, again);
        Assert.True(model.Decoded > 0);
        Assert.Equal(0, again.Decoded);
    }

    [Theory]
    [InlineData("attention", "drop-oldest")]
    [InlineData("cost", "context-shift")]
    public void New_ArmWithoutAMeaningInAnyTask_Throws(string task, string arm)
    {
        EvaluationSettings settings = Settings() with { Tasks = EvaluationTask.Named(task), Arms = [EvaluationArm.Parse(arm)] };
        ArgumentException e = Assert.Throws<ArgumentException>(() => new EvaluationRun(new ScriptedModel(), settings, "unused"));
        Assert.Contains($"'{arm}' means nothing in {task}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_ArmForMessagesOnlyWhereNoTaskHasAny_Throws()
    {
        EvaluationSettings settings = Settings() with { Arms = [EvaluationArm.Parse("salience-once")] };
        ArgumentException e = Assert.Throws<ArgumentException>(() => new EvaluationRun(new ScriptedModel(), settings, "folder"));
        Assert.Contains("'salience-once'", e.Message, StringComparison.Ordinal);
        EvaluationTask[] tasks = [.. settings.Tasks, .. EvaluationTask.Named("agent")];
        _ = new EvaluationRun(new ScriptedModel(), settings with { Tasks = tasks }, "folder");
    }

    [Theory]
    [InlineData(0, 300, 1)]
    [InlineData(1, 300, 1)]
    [InlineData(0.5, 10, 1)]
    [InlineData(0.5, 300, 0)]
    public void New_SettingsThatCannotBe_Throws(double share, int length, int items) => Assert.Throws<ArgumentException>(
        () => new EvaluationRun(new ScriptedModel(), Settings() with { Shares = [share], Lengths = [length], Items = items }, "folder"));

    [Fact]
    public void New_DataSetWithoutItsFile_SaysWhatToGive()
    {
        EvaluationSettings settings = Settings() with { Tasks = EvaluationTask.Named("longmemeval") };
        ArgumentException e = Assert.Throws<ArgumentException>(() => new EvaluationRun(new ScriptedModel(), settings, "folder"));
        Assert.Contains("--data", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_EmbeddedModel_FindsTheNeedleThatStillStandsThere()
    {
        using TemporaryFolder folder = Items.Folder();
        using EvaluationModel model = EvaluationModel.Load(new KvNormChatOptions { Threads = 1 });
        EvaluationSettings settings = Settings() with { Items = 1, Shares = [0.5], Lengths = [256] };
        new EvaluationRun(model, settings, folder.Path).Run();
        Prediction[] predictions = [.. Read(folder).Predictions];
        Assert.Equal(["full", "salience", "recency"], predictions.Select(static prediction => prediction.Arm), StringComparer.Ordinal);
        Assert.Equal([1, 1, 0], predictions.Select(static prediction => prediction.Score));
        Assert.All(predictions[1..], static prediction => Assert.Equal(1, prediction.Evictions));
        Assert.InRange(predictions[1].EvidenceHeld!.Value, 0.3, 1);
        Assert.True(predictions[0].LogProbability > predictions[2].LogProbability);
    }

    private static EvaluationSettings Settings() => new()
    {
        Tasks = EvaluationTask.Named("needle.one"),
        Text = Items.Text,
        Arms = [EvaluationArm.Parse("salience"), EvaluationArm.Parse("recency")],
        Shares = [0.5, 0.25],
        Lengths = [300],
        Items = 3,
    };

    private static void Run(
        TemporaryFolder folder, EvaluationSettings settings, ScriptedModel? model = null, Action<EvaluationProgress>? progress = null,
        Action<string>? warn = null, CancellationToken cancellationToken = default) =>
        new EvaluationRun(model ?? new ScriptedModel(), settings, folder.Path).Run(progress, warn, cancellationToken);

    private static PredictionsFile Read(TemporaryFolder folder) =>
        PredictionsFile.Open(folder.Path, static warning => Assert.Fail(warning));
}
