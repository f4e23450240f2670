using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

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
    private const double RepeatedBudget = 0.25; // share of the text that the cache may hold while it is read

    private static readonly string[] Policies = ["keynorm", "recency", "keydiff", "salience"];
    private static readonly double[] Shares = [0.5, 0.25, 0.125, 0.0625];

    public static RetrievalReport Run(KvNormChatOptions options, EvaluationText text, int items, Action<string> progress)
    {
        LlamaLibrary.EnsureLoaded();
        using LlamaModel model = LlamaModel.Load(options.ModelPath, options.GpuLayers);
        ModelProbe probe = ModelProbe.Run(model, options.ThreadCount);
        if (probe.Mechanism != EvictionMechanism.RewriteRows)
            throw new NotSupportedException($"Retrieval compares policies per head, which this model's cache does not allow: {probe.Reason}.");
        RetrievalTally once = new(), repeated = new();
        for (int item = 0; item < items; item++)
        {
            progress($"retrieval: item {item + 1} of {items}");
            RunOnce(model, probe, options.ThreadCount.Maximum, NeedleItem.Create(model.Vocabulary, text, item, early: false), once);
            RunRepeated(model, probe, options.ThreadCount.Maximum, NeedleItem.Create(model.Vocabulary, text, item, early: true), repeated);
        }

        return new RetrievalReport(once.Rows(), repeated.Rows());
    }

    private static void RunOnce(LlamaModel model, ModelProbe probe, int threads, NeedleItem item, RetrievalTally tally)
    {
        int rows = item.Context.Length;
        KvCacheBudget room = KvCacheBudget.FromCells(rows + item.Question.Length + NeedleItem.AnswerTokens);
        using SlotPool fullPool = new(model, probe, room, EvictionPolicy.Salience, threads, NullLogger.Instance);
        Slot full = fullPool.Slots[0];
        full.Read(item.Context, logits: false);
        using StateBuffer state = new();
        ConversationSnapshot saved = full.Save(state);
        tally.Add("full", 1, item.IsAnswered(full, model.Vocabulary), 0);
        foreach (string name in Policies)
        {
            foreach (double share in Shares)
            {
                int keep = (int)(rows * share);
                EvictionPolicy policy = EvictionPolicy.Named(name) with { Sinks = Sinks, RecentWindow = (double)RecentRows / keep };
                using SlotPool pool = new(model, probe, room with { LowMark = (keep + 0.5) / (rows + item.Question.Length + NeedleItem.AnswerTokens) }, policy, threads, NullLogger.Instance);
                Slot cache = pool.Slots[0];
                cache.Restore(saved);
                cache.Evict();
                if (cache.Statistics.Cells != keep)
                    throw new InvalidOperationException($"{keep} cells were to be kept; there are {cache.Statistics.Cells}.");
                tally.Add(name, share, item.IsAnswered(cache, model.Vocabulary), cache.Statistics.Evictions);
            }
        }
    }

    private static void RunRepeated(LlamaModel model, ModelProbe probe, int threads, NeedleItem item, RetrievalTally tally)
    {
        foreach (string name in Policies)
        {
            using SlotPool pool = new(model, probe, KvCacheBudget.FromCells((int)(item.Context.Length * RepeatedBudget)), EvictionPolicy.Named(name), threads, NullLogger.Instance);
            Slot cache = pool.Slots[0];
            cache.Read(item.Context, logits: false);
            int evictions = cache.Statistics.Evictions;
            tally.Add(name, RepeatedBudget, item.IsAnswered(cache, model.Vocabulary), evictions);
        }
    }
}
