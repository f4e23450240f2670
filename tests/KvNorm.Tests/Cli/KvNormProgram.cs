using System.Diagnostics;
using System.Text;

namespace KvNorm.Tests.Cli;

/// <summary>The command line program, run as its own process.</summary>
internal static class KvNormProgram
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    public static async Task<Result> RunAsync(string[] arguments, string input = "", string? workingDirectory = null)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "KvNorm.Cli.dll"), .. arguments])
        {
            WorkingDirectory = workingDirectory ?? "",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(TimeLimit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token),
                error = process.StandardError.ReadToEndAsync(limit.Token);
            await WriteAsync(process, input);
            await process.WaitForExitAsync(limit.Token);
            return new Result(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs it and requires that it fails with one sentence and no stack trace.</summary>
    public static async Task<string> RefusalAsync(string[] arguments, string input = "hello\n")
    {
        Result result = await RunAsync(arguments, input);
        Assert.True(result.ExitCode == 1, $"exit code {result.ExitCode}: {result.Error}");
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return result.Error;
    }

    // A program that fails early closes its end of the pipe.
    private static async Task WriteAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException e)
        {
            Assert.Contains("pipe", e.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    public sealed record Result(int ExitCode, string Output, string Error);
}
