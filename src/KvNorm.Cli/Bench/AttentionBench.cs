using System.Diagnostics;
using KvNorm.Evaluation;

namespace KvNorm.Cli.Bench;

/// <summary>What a policy costs, as a ratio to the default in the same rounds.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="PrefillToDefault">Prefill of half of the cells; median of the rounds' ratios.</param>
/// <param name="DecodeToDefault">Tokens one at a time.</param>
/// <param name="EvictMs">An eviction of half of the cells; median.</param>
/// <param name="EvictToDefault">The same as a ratio.</param>
internal sealed record AttentionRow(string Policy, double PrefillToDefault, double DecodeToDefault, double EvictMs, double EvictToDefault);

/// <summary>What `kvnorm bench attention` measures.</summary>
/// <param name="AttentionCells">Cells of the caches.</param>
/// <param name="Attention">The policies.</param>
internal sealed record AttentionReport(int AttentionCells, IReadOnlyList<AttentionRow> Attention);

/// <summary>What it costs to read attention. The policies take turns in one process.</summary>
internal static class AttentionBench
{
    private const int Rounds = 9; // of which the first is not counted
    private const int Cells = 1024;
    private const int DecodedTokens = 64;

    private static readonly string[] Policies = [EvictionPolicy.Salience.Name, "snapkv", "h2o"];

    public static AttentionReport Run(BenchModel model, EvaluationText prose, Action<string> progress)
    {
        using KvNormChatClient client = KvNormChatClient.Create(model.Options(Cells));
        KvCacheSession[] sessions = [.. Policies.Select(name => client.CreateSession(policy: EvictionPolicy.Named(name)))];
        try
        {
            int[] tokens = [.. sessions[0].Tokenize(string.Join(' ', prose.Sentences.Take(Cells))).Take(Cells)];
            List<Timing>[] timings = [.. sessions.Select(static _ => new List<Timing>())];
            for (int round = 0; round < Rounds; round++)
            {
                for (int policy = 0; policy < sessions.Length; policy++)
                    timings[policy].Add(Measure(sessions[policy], tokens));
                progress($"attention: round {round + 1} of {Rounds}");
            }

            return new AttentionReport(Cells, [.. Policies.Select((name, policy) => Row(name, timings[policy][1..], timings[0][1..]))]);
        }
        finally
        {
            foreach (KvCacheSession session in sessions)
                session.Dispose();
        }
    }

    private static Timing Measure(KvCacheSession session, int[] tokens)
    {
        session.Clear();
        long start = Stopwatch.GetTimestamp();
        session.Prefill(tokens.AsSpan(0, Cells / 2));
        long prefilled = Stopwatch.GetTimestamp();
        for (int token = Cells / 2; token < (Cells / 2) + DecodedTokens; token++)
            session.Prefill(tokens.AsSpan(token, 1));
        long decoded = Stopwatch.GetTimestamp();
        session.Prefill(tokens.AsSpan((Cells / 2) + DecodedTokens));
        double evicted = session.Evict(Cells / 2).Total;
        return new Timing(
            Stopwatch.GetElapsedTime(start, prefilled).TotalMilliseconds,
            Stopwatch.GetElapsedTime(prefilled, decoded).TotalMilliseconds,
            evicted);
    }

    private static AttentionRow Row(string policy, List<Timing> own, List<Timing> reference)
    {
        return new AttentionRow(
            policy,
            Ratio(static timing => timing.Prefill),
            Ratio(static timing => timing.Decode),
            Median.Of(own.Select(static timing => timing.Evict)),
            Ratio(static timing => timing.Evict));

        double Ratio(Func<Timing, double> of) => Median.Of(own.Zip(reference, (one, other) => of(one) / of(other)));
    }

    /// <summary>Milliseconds of one round.</summary>
    private readonly record struct Timing(double Prefill, double Decode, double Evict);
}
