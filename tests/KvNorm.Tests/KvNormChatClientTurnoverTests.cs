using KvNorm.Tests.Chat;

namespace KvNorm.Tests;

/// <summary>A process that goes on making clients and disposing of them stays as large as it is.</summary>
public sealed class KvNormChatClientTurnoverTests
{
    private const int Clients = 200, Window = 100;

    // What the clients of a window may leave: less than a small array, a handle or a thread of each. A context or a model of each would be
    // a hundred MiB of resident memory.
    private const long ManagedBytes = 100 * 1024, ResidentBytes = 16L << 20;
    private const int HandlesOrThreads = 20;

    [Theory]
    [InlineData(ClientTurnover.Own)]
    [InlineData(ClientTurnover.Shared)]
    public async Task Dispose_ManyClients_LeaveMemoryHandlesAndThreadsFlat(string weights)
    {
        long[][] lines = await OwnProcess.RunAsync(ClientTurnover.Command, $"{Clients}", weights);
        Assert.Equal((Clients / ClientTurnover.PerLine) + 1, lines.Length);
        string all = string.Join("; ", lines.Select(static line => string.Join(' ', line)));
        Assert.True(LeastGrowth(lines, 0) < ManagedBytes, $"managed memory: {all}");
        Assert.True(LeastGrowth(lines, 1) < ResidentBytes, $"resident memory: {all}");
        Assert.True(LeastGrowth(lines, 2) < HandlesOrThreads, $"handles: {all}");
        Assert.True(LeastGrowth(lines, 3) < HandlesOrThreads, $"threads: {all}");
    }

    // What clients leave shows in every window. What the runtime takes once, when it compiles the code anew, falls into one of them, and
    // into which one depends on how busy the machine is.
    private static long LeastGrowth(long[][] lines, int column)
    {
        const int Lines = Window / ClientTurnover.PerLine;
        return lines.Skip(Lines).Zip(lines, (after, before) => after[column] - before[column]).Min();
    }
}
