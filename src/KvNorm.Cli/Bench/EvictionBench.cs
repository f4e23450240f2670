using System.Diagnostics;
using KvNorm.Evaluation;

namespace KvNorm.Cli.Bench;

/// <summary>What is to be measured by `kvnorm bench eviction`.</summary>
/// <param name="Geometries">Shapes of caches.</param>
/// <param name="Cells">Sizes of caches.</param>
/// <param name="Policies">Policies.</param>
/// <param name="Keys">What the caches store keys as.</param>
/// <param name="Values">What they store values as.</param>
/// <param name="Evictions">Evictions of each, of which the first is reported by itself.</param>
internal sealed record EvictionBenchSettings(
    IReadOnlyList<ModelGeometry> Geometries, int[] Cells, string[] Policies, KvCacheType Keys, KvCacheType Values, int Evictions);

/// <summary>What evictions of a full cache to half cost, in which nothing was evicted before.</summary>
/// <param name="Geometry">The shape of the cache.</param>
/// <param name="CacheTypes">What it stores keys and values as.</param>
/// <param name="Cells">Its size.</param>
/// <param name="Policy">What chooses.</param>
/// <param name="StateMiB">The bytes of the full cache's rows.</param>
/// <param name="Ms">Milliseconds of each step; medians.</param>
/// <param name="CpuMs">Milliseconds of CPU time over all threads, median: on a machine with other work the steadier number.</param>
/// <param name="FirstMs">The first eviction of the session, whose buffers are new.</param>
/// <param name="HostToState">
/// What that one added to the process's memory at its highest, as a share of the state. Of caches below 32 MiB only the first policy's is
/// right: the others take memory that the C library has kept.
/// </param>
internal sealed record EvictionRow(
    string Geometry,
    string CacheTypes,
    int Cells,
    string Policy,
    double StateMiB,
    EvictionTimings Ms,
    double CpuMs,
    double FirstMs,
    double HostToState);

/// <summary>What `kvnorm bench eviction` measures.</summary>
/// <param name="EvictionCost">A row for each geometry, size and policy.</param>
internal sealed record EvictionReport(IReadOnlyList<EvictionRow> EvictionCost);

/// <summary>What an eviction costs as the cache grows, on models with random weights that have nothing but a cache of some shape.</summary>
internal static class EvictionBench
{
    private const int WarmUps = 8, WarmUpCells = 1024; // until .NET has compiled what runs often, and once more for speed
    private const int RestMs = 150; // and compiles while nothing runs

    public static EvictionReport Run(BenchModel model, EvictionBenchSettings settings, EvaluationText prose, Action<string> progress)
    {
        List<EvictionRow> rows = [];
        EvictionPolicy[] policies = [.. settings.Policies.Select(EvictionPolicy.Named)];
        foreach (ModelGeometry geometry in settings.Geometries)
        {
            using GeometryModel file = new(geometry);
            BenchModel shaped = model with { Path = file.Path };
            if (rows.Count == 0)
            {
                progress($"eviction: {geometry.Name}, warming up");
                using KvCacheSession small = Filled(Math.Min(WarmUpCells, settings.Cells.Max()));
                Measure(geometry, small, policies, WarmUps, static _ => { });
            }

            foreach (int cells in settings.Cells)
            {
                progress($"eviction: {geometry.Name}, {cells:N0} cells are filled");
                using KvCacheSession full = Filled(cells);
                rows.AddRange(Measure(geometry, full, policies, settings.Evictions, progress));
            }

            KvCacheSession Filled(int cells) => Fill(Options(shaped, settings, policies, cells), prose, cells);
        }

        return new EvictionReport(rows);
    }

    private static KvNormChatOptions Options(BenchModel model, EvictionBenchSettings settings, EvictionPolicy[] policies, int cells)
    {
        KvNormChatOptions options = model.Options(cells);
        options.Policy = policies.MaxBy(static policy => policy.CreateScorer(1).AttentionWindow)!; // reads what any of them looks at
        options.Recall = false; // the archive is not the eviction
        (options.CacheTypeK, options.CacheTypeV) = (settings.Keys, settings.Values);
        return options;
    }

    private static KvCacheSession Fill(KvNormChatOptions options, EvaluationText prose, int cells)
    {
        KvCacheSession session = KvCacheSession.Create(options);
        int[] tokens = [.. session.Tokenize(prose.Content[..Math.Min(prose.Content.Length, cells)])];
        session.Prefill([.. Enumerable.Range(0, cells).Select(i => tokens[i % tokens.Length])]);
        return session;
    }

    // The policies take turns, so that a busy moment of the machine falls on all of them.
    private static EvictionRow[] Measure(
        ModelGeometry geometry, KvCacheSession full, EvictionPolicy[] policies, int evictions, Action<string> progress)
    {
        Measured[] measured = [.. policies.Select(policy => Measured.First(full, policy))];
        for (int round = 1; round < evictions; round++)
        {
            progress($"eviction: {geometry.Name}, {full.Statistics.Cells:N0} cells, round {round} of {evictions - 1}");
            foreach (Measured policy in measured)
                policy.Again(full);
        }

        return [.. measured.Select(policy => policy.Row(geometry, full.Statistics))];
    }

    private sealed record Measured(EvictionPolicy Policy, EvictionTimings FirstTimings, long Host)
    {
        private readonly List<(EvictionTimings Timings, double Cpu)> _evictions = [];

        public static Measured First(KvCacheSession full, EvictionPolicy policy)
        {
            using KvCacheSession session = full.Fork(policy: policy);
            (EvictionTimings first, long host) = WatchMemory(() => session.Evict(full.Statistics.Cells / 2));
            return new Measured(policy, first, host);
        }

        public void Again(KvCacheSession full)
        {
            int keep = full.Statistics.Cells / 2;
            using KvCacheSession session = full.Fork(policy: Policy);
            session.Evict(keep); // makes the buffers
            session.CopyFrom(full);
            Thread.Sleep(RestMs);
            TimeSpan before = Environment.CpuUsage.TotalTime;
            EvictionTimings timings = session.Evict(keep);
            _evictions.Add((timings, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds));
        }

        public EvictionRow Row(ModelGeometry geometry, KvCacheStatistics full)
        {
            double state = full.Cells * (double)full.BytesPerCell;
            return new EvictionRow(
                geometry.Name,
                $"{CacheTypeOptions.Name(full.CacheTypeK)}, {CacheTypeOptions.Name(full.CacheTypeV)}",
                full.Cells,
                Policy.Name,
                state / (1 << 20),
                new EvictionTimings(
                    Median.Of(_evictions.Select(static one => one.Timings.Get)),
                    Median.Of(_evictions.Select(static one => one.Timings.Score)),
                    Median.Of(_evictions.Select(static one => one.Timings.Gather)),
                    Median.Of(_evictions.Select(static one => one.Timings.Set))),
                Median.Of(_evictions.Select(static one => one.Cpu)),
                FirstTimings.Total,
                Host / state);
        }

        // Looks at the process's memory while something runs.
        private static (EvictionTimings Timings, long Added) WatchMemory(Func<EvictionTimings> evict)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // gives back what is free
            long before = Environment.WorkingSet, highest = before;
            Task<EvictionTimings> running = Task.Factory.StartNew(evict, TaskCreationOptions.LongRunning);
            do
            {
                highest = Math.Max(highest, Environment.WorkingSet);
            }
            while (!running.Wait(TimeSpan.FromMilliseconds(1)));
            return (running.Result, Math.Max(highest, Environment.WorkingSet) - before);
        }
    }
}
