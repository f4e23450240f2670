using System.Diagnostics;
using System.Globalization;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime.Gguf;

/// <summary>
/// Whatever the header of a model file says, the process goes on: it is refused by an exception, or the model answers.
/// KVNORM_CHANGED_MODELS is the number of files.
/// </summary>
public sealed class ChangedModelsTests
{
    private const int DefaultFiles = 300, MaximumDeaths = 20;

    private static readonly int Files =
        int.TryParse(Environment.GetEnvironmentVariable("KVNORM_CHANGED_MODELS"), CultureInfo.InvariantCulture, out int files)
            ? files
            : DefaultFiles;

    [Fact]
    public async Task Load_ChangedHeaders_NoneEndsTheProcess()
    {
        List<string> outcomes = [], deaths = [];
        for (int next = 0; next < Files && deaths.Count < MaximumDeaths;)
        {
            (int last, string? death) = await LoadAsync(next, outcomes);
            if (death is not null)
                deaths.Add($"file {last}: {death}");
            next = last + 1;
        }

        Assert.Empty(deaths);
        Assert.Equal(Files, outcomes.Count);
        Assert.Contains(ChangedModelLoader.Answered, outcomes, StringComparer.Ordinal);
        Assert.DoesNotContain(outcomes, static outcome => outcome != ChangedModelLoader.Answered
            && !outcome.StartsWith(ChangedModelLoader.Refused, StringComparison.Ordinal));
    }

    // The last file that was begun, and what ended the process there; null when it has come to the end of all.
    private static async Task<(int Last, string? Death)> LoadAsync(int first, List<string> outcomes)
    {
        ProcessStartInfo start = new(
            "dotnet", [typeof(ChangedModelsTests).Assembly.Location, ChangedModelLoader.Command, $"{first}", $"{Files}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["GGML_NO_BACKTRACE"] = "1" }, // it would start a debugger for each abort
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        int last = first;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (int.TryParse(line, CultureInfo.InvariantCulture, out int number))
                last = number;
            else
                outcomes.Add(line);
        }

        await process.WaitForExitAsync();
        return (last, process.ExitCode == 0 ? null : $"exit code {process.ExitCode}, {(await error).Split('\n')[0]}");
    }
}
