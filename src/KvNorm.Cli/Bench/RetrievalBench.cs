namespace KvNorm.Cli.Bench;

/// <summary>Needles found by one policy.</summary>
/// <param name="Policy">Its name; "full" for a cache nothing was evicted from.</param>
/// <param name="Keep">Share of the text's cells kept, or given as the budget.</param>
/// <param name="Hits">Needles found.</param>
/// <param name="Items">Needles looked for.</param>
/// <param name="Low">Lower end of the 95 % interval of the share (bootstrap).</param>
/// <param name="High">Its upper end.</param>
/// <param name="Evictions">Evictions before the question, of all items together.</param>
internal sealed record RetrievalRow(string Policy, double Keep, int Hits, int Items, double Low, double High, int Evictions);

/// <summary>What `kvnorm bench retrieval` measures.</summary>
/// <param name="Retrieval">Needles found after one eviction.</param>
/// <param name="RetrievalRepeated">Needles found after several evictions in a row, in a budget of a share of the text.</param>
internal sealed record RetrievalReport(IReadOnlyList<RetrievalRow> Retrieval, IReadOnlyList<RetrievalRow> RetrievalRepeated);

/// <summary>A number hidden in prose, the question asked after the eviction: greedy, one prefill shared by all policies.</summary>
internal static class RetrievalBench
{
    private const int Sinks = 4;
    private const int RecentRows = 24;
    private const double RepeatedBudget = 0.25; // share of the text that the cache may hold while it is prefilled

    private static readonly string[] Policies = ["keynorm", "recency", "keydiff", "salience"];
    private static readonly double[] Shares = [0.5, 0.25, 0.125, 0.0625];

    public static RetrievalReport Run(KvNormChatOptions options, EvaluationText text, int items, Action<string> progress)
    {
        options.KvCacheBudget = KvCacheBudget.FromCells(KvCacheBudget.MinimumCells); // it is only forked
        using KvCacheSession session = KvCacheSession.Create(options);
        if (session.Statistics.Mechanism != EvictionMechanism.RewriteRows)
            throw new NotSupportedException("Retrieval compares policies per head, which this model's cache forbids; see kvnorm info.");
        RetrievalTally once = new(), repeated = new();
        for (int item = 0; item < items; item++)
        {
            progress($"retrieval: item {item + 1} of {items}");
            RunOnce(session, NeedleItem.Create(session, text, item, early: false), once);
            RunRepeated(session, NeedleItem.Create(session, text, item, early: true), repeated);
        }

        return new RetrievalReport(once.Rows(), repeated.Rows());
    }

    // The context is prefilled once and forked for every policy and share.
    private static void RunOnce(KvCacheSession session, NeedleItem item, RetrievalTally tally)
    {
        int rows = item.Context.Length;
        KvCacheBudget room = KvCacheBudget.FromCells(rows + item.Question.Length + NeedleItem.AnswerTokens);
        using KvCacheSession full = session.Fork(room);
        full.Prefill(item.Context);
        using (KvCacheSession untouched = full.Fork())
            tally.Add("full", 1, item.IsAnswered(untouched), 0);
        foreach (string name in Policies)
        {
            foreach (double share in Shares)
            {
                int keep = (int)(rows * share);
                EvictionPolicy policy = EvictionPolicy.Named(name) with { Sinks = Sinks, RecentWindow = (double)RecentRows / keep };
                using KvCacheSession fork = full.Fork(policy: policy);
                fork.Evict(keep);
                tally.Add(name, share, item.IsAnswered(fork), fork.Statistics.Evictions);
            }
        }
    }

    private static void RunRepeated(KvCacheSession session, NeedleItem item, RetrievalTally tally)
    {
        KvCacheBudget budget = KvCacheBudget.FromCells((int)(item.Context.Length * RepeatedBudget));
        foreach (string name in Policies)
        {
            using KvCacheSession fork = session.Fork(budget, EvictionPolicy.Named(name));
            fork.Prefill(item.Context);
            int evictions = fork.Statistics.Evictions;
            tally.Add(name, RepeatedBudget, item.IsAnswered(fork), evictions);
        }
    }
}
