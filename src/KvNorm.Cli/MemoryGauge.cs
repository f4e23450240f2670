using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>The line behind every answer: how full the memory is and what the turn cost.</summary>
internal static class MemoryGauge
{
    private const int Width = 24; // characters of the bar

    public static string Describe(KvCacheStatistics statistics) =>
        $"{statistics.Capacity} cells ({statistics.AllocatedBytes / (double)(1 << 20):0.#} MiB)";

    /// <summary>Shows the gauge; an answer or a command that was stopped has no report.</summary>
    public static void Show(KvCacheStatistics statistics, TurnReport? turn)
    {
        int full = (int)Math.Round((double)Width * statistics.Cells / statistics.Capacity);
        string bar = $"[blue]{new string('█', full)}[/][dim]{new string('░', Width - full)}[/]";
        string cost = turn is null
            ? "stopped"
            : $"{Count((int)turn.Evictions, "eviction")} · reused {turn.CachedTokens} of {turn.InputTokens} tokens{Recalled(turn)} · "
                + Speed(turn);
        AnsiConsole.MarkupLine($"{bar} [dim]{statistics.Cells} of {Describe(statistics)} · {cost}[/]");
    }

    private static string Recalled(TurnReport turn) => turn.Recalls == 0 ? "" : $" · recalled {Count((int)turn.Recalls, "passage")}";

    private static string Speed(TurnReport turn) =>
        turn.DecodeMs > 0 ? $"{turn.OutputTokens / turn.DecodeMs * 1000:0} tokens/s" : "no time taken";

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
