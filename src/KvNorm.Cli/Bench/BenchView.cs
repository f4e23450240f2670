using Spectre.Console;

namespace KvNorm.Cli.Bench;

/// <summary>A report as tables.</summary>
internal static class BenchView
{
    public static void Show(BenchReport report)
    {
        Console.WriteLine($"{report.Cpu}, {report.Threads} threads, {report.Model}, {report.Library}, commit {report.Commit}, text: {report.Text}");
        Table table = new Table().AddColumn("Measured").AddColumn("Value").AddColumn("Promised");
        if (report.EvictMs is { } evict)
        {
            table.AddRow("prefill through the client / bare loop", $"{report.PrefillToBare:0.000} ({report.PrefillTokensPerSecond:0} tokens/s)", "at least 0.97");
            table.AddRow("decode through the client / bare loop", $"{report.DecodeToBare:0.000} ({report.DecodeTokensPerSecond:0} tokens/s)", "at least 0.97");
            table.AddRow("eviction of 1,024 cells to 512", $"{evict.Total:0.0} ms (get {evict.Get:0.0}, score {evict.Score:0.0}, gather {evict.Gather:0.0}, set {evict.Set:0.0})", "at most 30 ms");
            table.AddRow("the same / producing 512 tokens", $"{report.EvictShare:P2}", "at most 1 %");
            table.AddRow("decode after an eviction / fresh cache", $"{report.DecodeAfterEvictToFresh:0.000}", "at least 0.95");
            table.AddRow("managed memory per token", $"{report.AllocatedBytesPerToken:0} bytes", "at most 1,024 bytes");
            table.AddRow("managed memory per eviction", $"{report.AllocatedBytesPerEviction / 1024:0.0} KiB", "no buffer of the cache's size");
        }

        if (report.FullCache is { } full)
        {
            table.AddRow($"cells over {report.Turns} turns ({report.LogicalTokens:N0} tokens, {report.Evictions} evictions)", $"at most {report.MaxCells} of {report.Capacity}", "never above the capacity");
            table.AddRow("resident memory, middle and last third", $"{report.ResidentMiddleMiB:0.0} and {report.ResidentLastMiB:0.0} MiB", "within 8 MB");
            table.AddRow("milliseconds per turn, by thirds", Numbers(report.TurnMsByThird!), "flat");
            table.AddRow("milliseconds per answered token, by thirds", Numbers(report.DecodeMsPerTokenByThird!), "flat");
            table.AddRow($"the same with a full cache ({full.Turns} turns, {full.Cells:N0} cells)", Numbers(full.DecodeMsPerTokenByThird), "");
        }

        if (table.Rows.Count > 0)
            AnsiConsole.Write(table);
        ShowRetrieval("Needles found after one eviction, by share of the cache kept", report.Retrieval);
        ShowRetrieval("Needles found after several evictions, by budget as a share of the text", report.RetrievalRepeated);
    }

    private static void ShowRetrieval(string title, IReadOnlyList<RetrievalRow>? rows)
    {
        if (rows is null)
            return;
        double[] shares = [.. rows.Select(row => row.Keep).Distinct().OrderDescending()];
        Table table = new Table().Title(title).AddColumn("Policy");
        foreach (double share in shares)
            table.AddColumn($"{share:P2}");
        foreach (IGrouping<string, RetrievalRow> policy in rows.GroupBy(row => row.Policy, StringComparer.Ordinal))
            table.AddRow([policy.Key, .. shares.Select(share => policy.FirstOrDefault(row => row.Keep == share) is { } row ? $"{row.Hits} of {row.Items} [[{row.Low:0.00}, {row.High:0.00}]]" : "")]);
        AnsiConsole.Write(table);
    }

    private static string Numbers(IEnumerable<double> numbers) => string.Join(", ", numbers.Select(number => $"{number:0.00}"));
}
