using System.Reflection;
using KvNorm.Runtime;

namespace KvNorm.Cli.Bench;

/// <summary>What a measurement ran on.</summary>
internal sealed record BenchEnvironment(string Cpu, int Threads, string Model, string Library, string Commit, string Text, DateTime Utc)
{
    public static BenchEnvironment Of(KvNormChatOptions options, EvaluationText text) => new(
        CpuName(),
        options.ThreadCount.Maximum,
        options.ModelName,
        $"LLamaSharp {LlamaLibrary.Version} ({LlamaLibrary.Backend})",
        CommitOfBuild(),
        text.Name,
        DateTime.UtcNow);

    private static string CpuName() => LlamaLibrary.Devices().Where(device => device.Name == "CPU").Select(device => device.Description).FirstOrDefault("unknown");

    // The SDK writes the commit behind the version: 0.1.0+<commit>.
    private static string CommitOfBuild()
    {
        string version = typeof(BenchEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? "unknown" : version[(plus + 1)..];
    }
}
