using Spectre.Console;

namespace KvNorm.Cli.Bench;

/// <summary>A report as tables.</summary>
internal static class BenchView
{
    public static void Show(BenchReport report)
    {
        BenchEnvironment ran = report.Environment;
        Console.WriteLine($"{ran.Cpu}, {ran.Threads} threads, {ran.Model}, {ran.Library}, commit {ran.Commit}, text: {ran.Text}");
        Table table = new Table().AddColumn("Measured").AddColumn("Value").AddColumn("Target");
        if (report.Speed is { } speed)
        {
            EvictionTimings evict = speed.EvictMs;
            table.AddRow(
                "prefill through the client / bare loop",
                $"{speed.PrefillToBare:0.000} ({speed.PrefillTokensPerSecond:0} tokens/s)",
                "at least 0.97");
            table.AddRow(
                "decode through the client / bare loop",
                $"{speed.DecodeToBare:0.000} ({speed.DecodeTokensPerSecond:0} tokens/s)",
                "at least 0.97");
            table.AddRow(
                "eviction of 1,024 cells to 512",
                $"{evict.Total:0.0} ms (get {evict.Get:0.0}, archive {evict.Archive:0.0}, score {evict.Score:0.0}, "
                + $"gather {evict.Gather:0.0}, set {evict.Set:0.0})",
                "at most 30 ms");
            table.AddRow("the same / producing 512 tokens", $"{speed.EvictShare:P2}", "at most 1 %");
            table.AddRow("decode after an eviction / fresh cache", $"{speed.DecodeAfterEvictToFresh:0.000}", "at least 0.95");
            table.AddRow("managed memory per token", $"{speed.AllocatedBytesPerToken:0} bytes", "at most 1,024 bytes");
            table.AddRow(
                "managed memory per eviction", $"{speed.AllocatedBytesPerEviction / 1024:0.0} KiB", "no buffer of the cache's size");
        }

        if (report.Chat is { } calls)
        {
            table.AddRow(
                "what a forced grammar adds to a token",
                $"{calls.GrammarCost:P1} ({calls.FreeMsPerToken:0.00} and {calls.GrammarMsPerToken:0.00} ms)",
                "at most 20 %");
            table.AddRow(
                $"first token with the history ({calls.FirstTokenHistoryTokens} tokens) held / not held",
                $"{calls.FirstTokenWarmToCold:0.000} ({calls.FirstTokenWarmMs:0} and {calls.FirstTokenColdMs:0} ms)",
                "below 0.1");
        }

        if (report.Concurrency is { } several)
        {
            table.AddRow(
                $"{several.Conversations} conversations at once / one after another",
                $"{several.TogetherToAlone:0.00} ({several.TogetherTokensPerSecond:0} and {several.AloneTokensPerSecond:0} tokens/s)",
                "at least 1.5");
            table.AddRow("the same with the bare loop: what batches gain here", $"{several.BareTogetherToAlone:0.00}", "");
            table.AddRow(
                $"tokens prefilled for two prompts with {several.SharedPromptTokens} tokens in common",
                $"{several.SharedTokensRead}",
                "the common ones once");
        }

        foreach (SharingRow row in report.Sharing?.Sharing ?? [])
        {
            table.AddRow(
                $"{row.Shares} shares of {report.Sharing!.SharingCells:N0} cells: facts known, evictions (of the long one), its cells",
                $"{row.FactsKnown} of {report.Sharing.SharingRounds}, {row.Evictions} ({row.LongEvictions}), {row.LongCells:0}",
                "");
            table.AddRow(
                $"{row.Shares} shares: ms a token of a short one, the long one, each of all at once",
                Numbers([row.ShortMs, row.LongMs, row.TogetherMs]),
                "");
        }

        if (report.Sharing is { } shares)
            table.AddRow("the same, unified / equal, medians of the rounds", Numbers(shares.UnifiedToEqual), "");

        foreach (ContentionRow row in report.Contention?.Contention ?? [])
        {
            string pinned = string.Join(", ", row.MsPerTokenByThreads.Select(static pair => $"{pair.Key}: {pair.Value:0.0}"));
            table.AddRow(
                $"decode beside {row.Busy} busy threads / best fixed number of threads",
                $"{row.OfBest:0.00} ({row.MsPerToken:0.0} ms a token; fixed {pinned})",
                "at least 0.8");
        }

        if (report.Conversation is { } chat)
        {
            FullCacheReport full = chat.FullCache;
            table.AddRow(
                $"cells over {chat.Turns} turns ({chat.LogicalTokens:N0} tokens, {chat.Evictions} evictions)",
                $"at most {chat.MaxCells} of {chat.Capacity}",
                "never above the capacity");
            table.AddRow(
                "resident memory, middle and last third",
                $"{chat.ResidentMiddleMiB:0.0} and {chat.ResidentLastMiB:0.0} MiB",
                "within 8 MB");
            table.AddRow("milliseconds per turn, by thirds", Numbers(chat.TurnMsByThird), "flat");
            table.AddRow("milliseconds per answered token, by thirds", Numbers(chat.DecodeMsPerTokenByThird), "flat");
            table.AddRow(
                $"the same with a full cache ({full.Turns} turns, {full.Cells:N0} cells)", Numbers(full.DecodeMsPerTokenByThird), "");
        }

        foreach (AttentionRow row in report.Attention?.Attention ?? [])
        {
            table.AddRow(
                $"{row.Policy}: prefill, decode, eviction / default ({report.Attention!.AttentionCells:N0} cells)",
                $"{row.PrefillToDefault:0.000}, {row.DecodeToDefault:0.000}, {row.EvictToDefault:0.00} ({row.EvictMs:0.0} ms)",
                "");
        }

        if (table.Rows.Count > 0)
            AnsiConsole.Write(table);
        if (report.Eviction is { } evictions)
            Show(evictions.EvictionCost);
    }

    private static void Show(IReadOnlyList<EvictionRow> rows)
    {
        Table table = new Table().MarkdownBorder().AddColumns(
            "cache", "types", "cells", "policy", "MiB", "get", "score", "gather", "set", "total ms", "CPU ms", "first", "host / state");
        foreach (EvictionRow row in rows)
        {
            double[] times = [row.Ms.Get, row.Ms.Score, row.Ms.Gather, row.Ms.Set, row.Ms.Total, row.CpuMs, row.FirstMs];
            table.AddRow(
            [
                row.Geometry, row.CacheTypes, $"{row.Cells:N0}", row.Policy, $"{row.StateMiB:N0}", .. times.Select(static ms => $"{ms:N1}"),
                $"{row.HostToState:0.00}",
            ]);
        }

        AnsiConsole.Write(table);
    }

    private static string Numbers(IEnumerable<double> numbers) => string.Join(", ", numbers.Select(number => $"{number:0.00}"));
}
