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

/// <summary>What evictions of a full cache to half cost, of which half was decoded since the one before.</summary>
/// <param name="Geometry">The shape of the cache.</param>
/// <param name="CacheTypes">What it stores keys and values as.</param>
/// <param name="Cells">Its size.</param>
/// <param name="Policy">What chooses.</param>
/// <param name="StateMiB">The bytes of the full cache's rows.</param>
/// <param name="Ms">Milliseconds of each step; medians.</param>
/// <param name="CpuMs">Milliseconds of CPU time over all threads, median: on a machine with other work the steadier number.</param>
/// <param name="FirstMs">The first eviction of the session, whose buffers are new.</param>
/// <param name="HostToState">What that one added to the process's memory at its highest, as a share of the state.</param>
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
    private const int RestMs = 100; // until llama.cpp's threads, which spin after a decode, are asleep

    public static EvictionReport Run(
        KvNormChatOptions options, EvictionBenchSettings settings, EvaluationText prose, Action<string> progress)
    {
        List<EvictionRow> rows = [];
        foreach (ModelGeometry geometry in settings.Geometries)
        {
            using GeometryModel model = new(geometry);
            foreach ((int cells, string policy) in settings.Cells.SelectMany(cells => settings.Policies.Select(policy => (cells, policy))))
            {
                progress($"eviction: {geometry.Name}, {cells:N0} cells, {policy}");
                options.ModelPath = model.Path;
                options.Policy = EvictionPolicy.Named(policy);
                options.KvCacheBudget = KvCacheBudget.FromCells(cells);
                options.Recall = false; // the archive is not the eviction
                (options.CacheTypeK, options.CacheTypeV) = (settings.Keys, settings.Values);
                using KvCacheSession session = KvCacheSession.Create(options);
                rows.Add(Measure(geometry, session, policy, Fill(session, prose, cells), settings.Evictions));
            }
        }

        return new EvictionReport(rows);
    }

    private static int[] Fill(KvCacheSession session, EvaluationText prose, int cells)
    {
        int[] tokens = [.. session.Tokenize(prose.Content[..Math.Min(prose.Content.Length, cells)])];
        return [.. Enumerable.Range(0, cells).Select(i => tokens[i % tokens.Length])];
    }

    private static EvictionRow Measure(ModelGeometry geometry, KvCacheSession session, string policy, int[] tokens, int evictions)
    {
        int cells = tokens.Length;
        session.Prefill(tokens);
        (EvictionTimings first, long host) = WatchMemory(() => session.Evict(cells / 2));
        List<(EvictionTimings Timings, double Cpu)> measured = [];
        while (measured.Count < evictions - 1)
        {
            session.Prefill(tokens.AsSpan(cells / 2));
            Thread.Sleep(RestMs);
            TimeSpan before = Environment.CpuUsage.TotalTime;
            EvictionTimings timings = session.Evict(cells / 2);
            measured.Add((timings, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds));
        }

        double state = cells * (double)session.Statistics.BytesPerCell;
        return new EvictionRow(
            geometry.Name,
            $"{CacheTypeOptions.Name(session.Statistics.CacheTypeK)}, {CacheTypeOptions.Name(session.Statistics.CacheTypeV)}",
            cells,
            policy,
            state / (1 << 20),
            new EvictionTimings(
                Median.Of(measured.Select(static one => one.Timings.Get)),
                Median.Of(measured.Select(static one => one.Timings.Score)),
                Median.Of(measured.Select(static one => one.Timings.Gather)),
                Median.Of(measured.Select(static one => one.Timings.Set))),
            Median.Of(measured.Select(static one => one.Cpu)),
            first.Total,
            host / state);
    }

    // Looks at the process's memory while something runs.
    private static (EvictionTimings Timings, long Added) WatchMemory(Func<EvictionTimings> evict)
    {
        GC.Collect();
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
