using System.Diagnostics;
using System.Text;

namespace KvNorm.Cli.Tests;

/// <summary>The command line program, run as its own process.</summary>
internal static class KvNormProgram
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private static string Assembly => Path.Combine(AppContext.BaseDirectory, "KvNorm.Cli.dll");

    public static Task<Result> RunAsync(string[] arguments, string input = "", string? workingDirectory = null) =>
        FinishAsync(Start("dotnet", [Assembly, .. arguments], workingDirectory), input);

    /// <summary>Runs a script of the shell, in which <c>"$@"</c> is the program with its arguments.</summary>
    public static Task<Result> ShellAsync(string script, string[] arguments) =>
        FinishAsync(Start("sh", ["-c", script, "sh", "dotnet", Assembly, .. arguments]), "");

    /// <summary>Runs another program, which finds this one as `kvnorm` on its path.</summary>
    /// <param name="program">The other program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">A folder of the test, in which it is run and which comes first on the path.</param>
    public static Task<Result> RunWithPathAsync(string program, string[] arguments, string folder)
    {
        string kvnorm = Path.Combine(folder, "kvnorm");
        File.WriteAllText(kvnorm, $"#!/bin/sh\nexec dotnet '{Assembly}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(kvnorm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string path = $"{folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        return FinishAsync(Start(program, arguments, folder, [new("PATH", path)]), "");
    }

    /// <summary>Runs it, sends it a signal, and waits for its end.</summary>
    /// <param name="signal">Such as TERM.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it is sent before; its standard input stays open.</param>
    /// <param name="readUntilDue">Reads what it is to have written before the signal.</param>
    public static async Task<Result> SignalAsync(
        string signal, string[] arguments, string input, Func<StreamReader, CancellationToken, Task<string>> readUntilDue)
    {
        using Process process = Start("dotnet", [Assembly, .. arguments]);
        using CancellationTokenSource limit = new(TimeLimit);
        try
        {
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync(limit.Token);
            string before = await readUntilDue(process.StandardOutput, limit.Token);
            using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token),
                error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new Result(process.ExitCode, before + await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(
        string program, string[] arguments, string? workingDirectory = null, KeyValuePair<string, string>[]? environment = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = workingDirectory ?? "",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach ((string name, string value) in environment ?? [])
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<Result> FinishAsync(Process started, string input)
    {
        using Process process = started;
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
