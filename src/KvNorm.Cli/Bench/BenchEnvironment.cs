using System.Reflection;
using KvNorm.Evaluation;

namespace KvNorm.Cli.Bench;

/// <summary>What a measurement ran on.</summary>
internal sealed record BenchEnvironment(string Cpu, int Threads, string Model, string Library, string Commit, string Text, DateTime Utc)
{
    public static BenchEnvironment Of(BenchModel model, EvaluationText text)
    {
        KvNormRuntimeFacts runtime = KvNormRuntimeFacts.Get();
        return new BenchEnvironment(
            runtime.Devices.Where(static device => device.Name == "CPU").Select(static device => device.Description)
                .FirstOrDefault("unknown"),
            model.Threads,
            Path.GetFileNameWithoutExtension(model.Path),
            $"LLamaSharp {runtime.LlamaSharpVersion} ({runtime.Backend})",
            CommitOfBuild(),
            text.Name,
            DateTime.UtcNow);
    }

    // The SDK writes the commit behind the version: 0.1.0+<commit>.
    private static string CommitOfBuild()
    {
        string version = typeof(BenchEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "";
        int plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? "unknown" : version[(plus + 1)..];
    }
}
