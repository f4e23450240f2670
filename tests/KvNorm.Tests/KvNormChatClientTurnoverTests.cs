using System.Diagnostics;
using System.Globalization;
using KvNorm.Tests.Chat;

namespace KvNorm.Tests;

/// <summary>A process that goes on making clients and disposing of them stays as large as it is.</summary>
public sealed class KvNormChatClientTurnoverTests
{
    private const int Clients = 200, Warmup = 100;

    // What 100 clients may leave: less than a small array, a handle or a thread of each. Resident memory still grows by some MiB while the
    // runtime compiles the code anew; a context or a model of each would be a hundred.
    private const long ManagedBytes = 100 * 1024, ResidentBytes = 16L << 20;
    private const int HandlesOrThreads = 20;

    [Theory]
    [InlineData(ClientTurnover.Own)]
    [InlineData(ClientTurnover.Shared)]
    public async Task Dispose_ManyClients_LeaveMemoryHandlesAndThreadsFlat(string weights)
    {
        long[][] lines = await RunAsync(weights);
        Assert.Equal((Clients / ClientTurnover.PerLine) + 1, lines.Length);
        long[] before = lines[Warmup / ClientTurnover.PerLine], after = lines[^1];
        string all = string.Join("; ", lines.Select(static line => string.Join(' ', line)));
        Assert.True(after[0] - before[0] < ManagedBytes, $"managed memory: {all}");
        Assert.True(after[1] - before[1] < ResidentBytes, $"resident memory: {all}");
        Assert.True(after[2] - before[2] < HandlesOrThreads, $"handles: {all}");
        Assert.True(after[3] - before[3] < HandlesOrThreads, $"threads: {all}");
    }

    private static async Task<long[][]> RunAsync(string weights)
    {
        ProcessStartInfo start = new(
            "dotnet", [typeof(ClientTurnover).Assembly.Location, ClientTurnover.Command, $"{Clients}", weights])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        // Each decode thread gets one of glibc's heaps, which are left in pieces: over 500 clients they grow by 10 MiB, and then no more.
        start.Environment["MALLOC_ARENA_MAX"] = "1";
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
            line.Split(' ').Select(static part => long.Parse(part, CultureInfo.InvariantCulture)).ToArray())];
    }
}
