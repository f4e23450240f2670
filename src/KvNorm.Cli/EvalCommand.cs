using System.CommandLine;
using System.Globalization;
using KvNorm.Evaluation;

namespace KvNorm.Cli;

/// <summary>`kvnorm eval`: what a budget costs on a model, and which policy to take.</summary>
internal static class EvalCommand
{
    private const string DefaultFolder = "kvnorm-eval";
    private const int CancelledExitCode = 130; // as shells report a program ended by Ctrl+C

    // What needs no file of a data set and is no measurement of time.
    private static readonly string[] DefaultTasks = ["perplexity", "passkey", "needle", "ruler", "conversation", "agent", "attention"];

    public static Command Create()
    {
        Argument<string[]> tasks = new("task")
        {
            Description = $"{string.Join(", ", EvaluationTask.Families)}, or a variant such as needle.one. "
                + $"Unless given: {string.Join(", ", DefaultTasks)}.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> model = new("--model") { Description = "The GGUF file; the embedded model unless given.", HelpName = "PATH" };
        Option<int?> threads = new("--threads") { Description = "CPU threads (default: one per physical core).", HelpName = "N" };
        Option<int?> gpuLayers = new("--gpu-layers") { Description = "Layers on the GPU (default: all that fit).", HelpName = "N" };
        CacheTypeOptions types = new();
        Option<string?> policies = new("--policies")
        {
            Description = $"What is compared: {string.Join(", ", EvaluationArm.BaselineNames.Concat(EvictionPolicy.Names))}; a policy also "
                + "with spans and a granularity, such as keydiff+sentence/layer or salience-recall (default: all; the full "
                + "cache is always among them).",
            HelpName = "A,B",
        };
        Option<string?> keep = new("--keep")
        {
            Description = "Shares of an item's tokens that are kept (default: each task's own).",
            HelpName = "0.5,0.25",
        };
        Option<string?> length = new("--length") { Description = "Tokens of an item (default: each task's own).", HelpName = "N,M" };
        Option<int?> items = new("--items") { Description = "Items of each task and length (default 50).", HelpName = "N" };
        Option<int> seed = new("--seed") { Description = "The seed of all that is drawn.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<double?> recent = new("--recent") { Description = "Share of the kept rows for the most recent tokens.", HelpName = "SHARE" };
        Option<string?> text = new("--text")
        {
            Description = "Prose to read and to hide things in (default: made-up sentences).",
            HelpName = "PATH",
        };
        Option<string?> data = new("--data")
        {
            Description = "The data set's own file for longmemeval, or its folder for longbench.",
            HelpName = "PATH",
        };
        Option<string?> archive = new("--archive")
        {
            Description = "Host memory for what was evicted, from where the -recall arms bring it back, such as 1GiB (default 256MiB).",
            HelpName = "SIZE",
        };
        Option<string> folder = new("--out")
        {
            Description = "Where results go; results that are there are gone on with.",
            HelpName = "DIR",
            DefaultValueFactory = _ => DefaultFolder,
        };
        Option<bool> quick = new("--quick") { Description = "A first look within minutes: few policies, few and short items." };
        Command command = new("eval", "Measure what a KV cache budget costs and which eviction policy to take, on a model of your own.")
        {
            tasks, model, threads, gpuLayers, policies, keep, length, items, seed, recent, text, data, archive, folder, quick,
            CreateReport(),
        };
        types.AddTo(command);
        command.SetAction(parsed =>
        {
            ModelOptions.RequireThreads(parsed.GetValue(threads));
            ModelOptions.RequireAtLeast(parsed.GetValue(gpuLayers), 0, "--gpu-layers");
            ModelOptions.RequireAtLeast(parsed.GetValue(items), 1, "--items");
            ModelOptions.RequireRecent(parsed.GetValue(recent));
            string[] named = parsed.GetValue(tasks) is { Length: > 0 } some ? some : DefaultTasks;
            EvaluationSettings settings = new()
            {
                Tasks = [.. named.SelectMany(EvaluationTask.Named).Distinct()],
                Text = EvaluationText.Load(parsed.GetValue(text)),
                Arms = List(parsed.GetValue(policies), EvaluationArm.Parse),
                Shares = List(parsed.GetValue(keep), static part => Share(part, "--keep")),
                Lengths = List(parsed.GetValue(length), static part => Whole(part, "--length")),
                Items = parsed.GetValue(items),
                Seed = parsed.GetValue(seed),
                RecentWindow = parsed.GetValue(recent),
                DataPath = parsed.GetValue(data),
                Quick = parsed.GetValue(quick),
            };
            KvNormChatOptions options = new() { Threads = parsed.GetValue(threads), GpuLayers = parsed.GetValue(gpuLayers) };
            options.ModelPath = ModelOptions.ReadPath(parsed.GetValue(model)) ?? options.ModelPath;
            types.Apply(parsed, options);
            if (parsed.GetValue(archive) is { } size)
                options.ArchiveBytes = ModelOptions.ReadMemory(size, "--archive");
            return Run(options, settings, parsed.GetValue(folder)!);
        });
        return command;
    }

    private static Command CreateReport()
    {
        Argument<string> folder = new("dir") { Description = "The folder of a run." };
        Command command = new("report", "Make metrics.json and report.html anew from the predictions of a run.") { folder };
        command.SetAction(parsed => Show(parsed.GetRequiredValue(folder)));
        return command;
    }

    private static int Run(KvNormChatOptions options, EvaluationSettings settings, string folder)
    {
        using CancellationTokenSource stop = new();
        ConsoleCancelEventHandler onCtrlC = (_, e) =>
        {
            e.Cancel = !stop.IsCancellationRequested; // the second one ends the program
            stop.Cancel();
        };
        using EvaluationModel model = EvaluationModel.Load(options);
        EvaluationRun run = new(model, settings, folder);
        Console.CancelKeyPress += onCtrlC;
        try
        {
            EvalProgress.Show(settings.Tasks, progress => run.Run(progress, Warn, stop.Token));
        }
        catch (OperationCanceledException)
        {
            Warn($"stopped; the same command goes on from here, and kvnorm eval report {folder} shows what is done");
            return CancelledExitCode;
        }
        finally
        {
            Console.CancelKeyPress -= onCtrlC;
        }

        Show(folder);
        return 0;
    }

    private static void Show(string folder)
    {
        EvalView.Show(EvaluationReport.Write(folder, Warn));
        Console.WriteLine(Path.Combine(folder, EvaluationReport.PageFile));
    }

    private static void Warn(string line) => Console.Error.WriteLine($"kvnorm: {line}");

    private static T[]? List<T>(string? text, Func<string, T> read) => text is null
        ? null
        : [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(read)];

    private static double Share(string text, string option) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share) && share > 0 && share < 1
            ? share
            : throw new ArgumentException($"{option} takes numbers above 0 and below 1 with commas between them; '{text}' is none.");

    private static int Whole(string text, string option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new ArgumentException($"{option} takes whole numbers from 1 on with commas between them; '{text}' is none.");
}
