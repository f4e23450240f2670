using System.Text.Json;

namespace KvNorm.Cli.Tests;

/// <summary>`kvnorm chat` and signals.</summary>
public sealed class TerminationTests
{
    private const string Question = "Write a long story of a baker.\n";

    private static readonly string[] Chat = ["chat", "--cells", "256", "--threads", "1", "--temperature", "0"];

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    [InlineData("INT", 130)]
    public async Task Chat_SignalDuringAnAnswer_StopsItAndEndsTheLine(string signal, int exitCode)
    {
        if (OperatingSystem.IsWindows())
            return; // no such signals
        if (signal == "HUP" && IgnoresHangUp())
            return; // under nohup the program goes on, as it should
        KvNormProgram.Result result = await KvNormProgram.SignalAsync(
            signal, [.. Chat, "--max-tokens", "1000"], Question + Question, FirstCharacterAsync);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        Assert.EndsWith("\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_JsonAndSignalBetweenAnswers_PrintsWholeLines()
    {
        if (OperatingSystem.IsWindows())
            return; // no such signals
        KvNormProgram.Result result = await KvNormProgram.SignalAsync(
            "TERM", [.. Chat, "--json", "--max-tokens", "20"], string.Concat(Enumerable.Repeat(Question, 100)), FirstLineAsync);
        Assert.Equal((143, ""), (result.ExitCode, result.Error));
        Assert.EndsWith("\n", result.Output, StringComparison.Ordinal);
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.InRange(lines.Length, 1, 99);
        Assert.All(lines, static line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task Chat_SignalWhileItWaitsForInput_EndsIt()
    {
        if (OperatingSystem.IsWindows())
            return; // no such signals
        KvNormProgram.Result result = await KvNormProgram.SignalAsync(
            "TERM", [.. Chat, "--json", "--max-tokens", "1"], Question, FirstLineAsync);
        Assert.Equal((143, ""), (result.ExitCode, result.Error));
    }

    // The pipe is full, and whoever holds its other end does not read.
    [Fact]
    public async Task Chat_SignalWhileNobodyReads_EndsIt()
    {
        if (OperatingSystem.IsWindows())
            return; // no such signals
        const string Script = """
            pipe=$(mktemp -u); mkfifo "$pipe"; exec 3<>"$pipe"; rm "$pipe"
            head -c 65536 /dev/zero >&3
            echo hello | "$@" >&3 & sleep 4
            kill -TERM $!; wait $!; echo $?
            """;
        KvNormProgram.Result result = await KvNormProgram.ShellAsync(Script, [.. Chat, "--max-tokens", "4"]);
        Assert.Equal("143", result.Output.Trim());
    }

    // Programs inherit which signals are ignored. Linux tells them as a mask, of which SIGHUP is the lowest bit.
    private static bool IgnoresHangUp()
    {
        const string Name = "SigIgn:", Status = "/proc/self/status";
        string? mask = File.Exists(Status)
            ? File.ReadLines(Status).FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal))
            : null;
        return mask is not null && (Convert.ToUInt64(mask[Name.Length..].Trim(), 16) & 1) != 0;
    }

    private static async Task<string> FirstCharacterAsync(StreamReader output, CancellationToken cancellationToken)
    {
        char[] first = new char[1];
        await output.ReadBlockAsync(first, cancellationToken);
        return new string(first);
    }

    private static async Task<string> FirstLineAsync(StreamReader output, CancellationToken cancellationToken) =>
        await output.ReadLineAsync(cancellationToken) + "\n";
}
