using System.CommandLine;
using KvNorm.Cli.Bench;
using KvNorm.Evaluation;

namespace KvNorm.Cli;

/// <summary>`kvnorm bench`: how fast it is, beside the targets that were set.</summary>
internal static class BenchCommand
{
    private static readonly string[] Subjects =
        ["speed", "chat", "concurrency", "sharing", "contention", "conversation", "attention", "eviction"];

    private const int LeastSentences = 2000;

    public static Command Create()
    {
        Argument<string[]> subjects = new("subject")
        {
            Description = "speed, chat, concurrency, sharing, contention, conversation, attention or eviction; all unless given.",
            Arity = ArgumentArity.ZeroOrMore,
            HelpName = "subject",
        };
        subjects.AcceptOnlyFromAmong(Subjects);
        Option<string?> model = new("--model") { Description = "The GGUF file; the embedded model unless given.", HelpName = "PATH" };
        Option<int?> threads = new("--threads") { Description = "CPU threads (default: one per physical core).", HelpName = "N" };
        Option<string?> text = new("--text")
        {
            Description = "Prose to read (default: made-up sentences).",
            HelpName = "PATH",
        };
        Option<int> turns = new("--turns") { Description = "Turns of the conversation.", HelpName = "N", DefaultValueFactory = _ => 300 };
        Option<bool> json = new("--json") { Description = "One JSON object on standard output, and nothing else." };
        Command command = new(
            "bench",
            "Measure speed: against the bare llama.cpp loop, of conversations at once and long ones, and what an eviction costs.")
        {
            subjects, model, threads, text, turns, json,
        };
        EvictionBenchOptions evictionOptions = new();
        evictionOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            EvictionBenchSettings evictions = evictionOptions.Read(parsed);
            ModelOptions.RequireAtLeast(parsed.GetValue(threads), 1, "--threads");
            ModelOptions.RequireAtLeast(parsed.GetValue(turns), 9, "--turns");
            BenchModel measured = new(parsed.GetValue(model) ?? new KvNormChatOptions().ModelPath, parsed.GetValue(threads));
            string[] chosen = parsed.GetValue(subjects) is { Length: > 0 } some ? some : Subjects;
            EvaluationText prose = EvaluationText.Load(parsed.GetValue(text));
            if (prose.Sentences.Count < LeastSentences)
                throw new ArgumentException($"The text '{prose.Name}' has {prose.Sentences.Count} sentences; {LeastSentences} are needed.");
            SpeedReport? speed = null;
            ChatReport? chat = null;
            ConcurrencyReport? concurrency = null;
            SharingReport? sharing = null;
            ContentionReport? contention = null;
            ConversationReport? conversation = null;
            AttentionReport? attention = null;
            EvictionReport? eviction = null;
            if (chosen.Contains("speed", StringComparer.Ordinal))
                speed = SpeedBench.Run(measured, prose, Progress);
            if (chosen.Contains("chat", StringComparer.Ordinal))
                chat = ChatBench.Run(measured, prose, Progress);
            if (chosen.Contains("concurrency", StringComparer.Ordinal))
                concurrency = ConcurrencyBench.Run(measured, prose, Progress);
            if (chosen.Contains("sharing", StringComparer.Ordinal))
                sharing = SharingBench.Run(measured, prose, Progress);
            if (chosen.Contains("contention", StringComparer.Ordinal))
                contention = ContentionBench.Run(measured, Progress);
            if (chosen.Contains("conversation", StringComparer.Ordinal))
                conversation = ConversationBench.Run(measured, parsed.GetValue(turns), Progress);
            if (chosen.Contains("attention", StringComparer.Ordinal))
                attention = AttentionBench.Run(measured, prose, Progress);
            BenchEnvironment environment = BenchEnvironment.Of(measured, prose);
            if (chosen.Contains("eviction", StringComparer.Ordinal))
                eviction = EvictionBench.Run(measured, evictions, prose, Progress);
            BenchReport report = new(environment, speed, chat, concurrency, sharing, contention, conversation, attention, eviction);
            if (parsed.GetValue(json))
                Console.WriteLine(Json.WriteIndented(report.ToJson()));
            else
                BenchView.Show(report);
        });
        return command;
    }

    /// <summary>The command by which this program starts a bare loop beside itself.</summary>
    public static Command CreateBareLoop()
    {
        Argument<string> settings = new("settings");
        Command command = new(BareLoopProcess.Command) { settings };
        command.Hidden = true;
        command.SetAction(parsed => BareLoopProcess.Serve(Json.Read<BareLoopSettings>(parsed.GetRequiredValue(settings))));
        return command;
    }

    // Progress goes to standard error, so that standard output holds the result alone.
    private static void Progress(string line) => Console.Error.WriteLine(line);
}
