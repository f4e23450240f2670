using System.Diagnostics;
using System.Globalization;

namespace KvNorm.Tests.Chat;

/// <summary>Runs this assembly as a program of its own, whose memory is looked at as a whole.</summary>
internal static class OwnProcess
{
    /// <summary>Runs it to its end, which must be a good one.</summary>
    /// <param name="arguments">What Program.cs knows.</param>
    /// <returns>The numbers of each line of its output; words between them are left out.</returns>
    public static async Task<long[][]> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [typeof(OwnProcess).Assembly.Location, .. arguments])
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
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Numbers)];
    }

    private static long[] Numbers(string line) =>
    [
        .. line.Split(' ')
            .Select(static part => long.TryParse(part, CultureInfo.InvariantCulture, out long number) ? number : (long?)null)
            .OfType<long>(),
    ];
}
