using LLama;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Bench;

/// <summary>Decoding beside so many threads that are always busy.</summary>
/// <param name="Busy">Busy threads beside it.</param>
/// <param name="MsPerTokenByThreads">Milliseconds of a token with a fixed number of threads, by that number; mean.</param>
/// <param name="MsPerToken">The same with as many as the client chooses.</param>
/// <param name="OfBest">Tokens per second of that, as a share of the best fixed number's.</param>
internal sealed record ContentionRow(int Busy, IReadOnlyDictionary<int, double> MsPerTokenByThreads, double MsPerToken, double OfBest);

/// <summary>What `kvnorm bench contention` measures.</summary>
/// <param name="Contention">By the number of busy threads, from 0 on.</param>
internal sealed record ContentionReport(IReadOnlyList<ContentionRow> Contention);

/// <summary>How the choice of threads follows other work on the machine: against every fixed number of threads, in turns.</summary>
internal static class ContentionBench
{
    private const int Rounds = 6;
    private const int WarmUpTokens = 64; // in which a client meets the load
    private const int Tokens = 32;
    private const int Cells = 512;

    /// <param name="options">The model.</param>
    /// <param name="progress">Told what was measured.</param>
    public static ContentionReport Run(KvNormChatOptions options, Action<string> progress)
    {
        using LLamaWeights weights = ModelWeights.Load(options.ModelPath);
        int cores = Environment.ProcessorCount;
        int[] counts = [.. new[] { 1, cores / 2, cores - 1, cores }.Where(static count => count > 0).Distinct().Order()];
        return new ContentionReport([.. Enumerable.Range(0, 3).Select(busy => Measure(weights, counts, busy, progress))]);
    }

    private static ContentionRow Measure(LLamaWeights weights, int[] counts, int busy, Action<string> progress)
    {
        using BusyThreads load = new(busy);
        using KvNormChatClient free = Create(weights, null);
        KvNormChatClient[] pinned = [.. counts.Select(count => Create(weights, count))];
        MsPerToken(free, WarmUpTokens);
        Dictionary<int, List<double>> byCount = counts.ToDictionary(static count => count, static _ => new List<double>());
        List<double> chosen = [];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < counts.Length; i++)
                byCount[counts[i]].Add(MsPerToken(pinned[i], Tokens));
            chosen.Add(MsPerToken(free, Tokens));
        }

        Array.ForEach(pinned, static client => client.Dispose());
        Dictionary<int, double> means = byCount.ToDictionary(static pair => pair.Key, static pair => pair.Value.Average());
        double mean = chosen.Average();
        progress($"contention: {busy} busy threads measured");
        return new ContentionRow(busy, means, mean, means.Values.Min() / mean);
    }

    private static KvNormChatClient Create(LLamaWeights weights, int? threads) =>
        KvNormChatClient.Create(weights, new KvNormChatOptions { KvCacheBudget = KvCacheBudget.FromCells(Cells), Threads = threads });

    private static double MsPerToken(KvNormChatClient client, int tokens)
    {
        ChatOptions answer = new() { Seed = 1, Temperature = 1, MaxOutputTokens = tokens };
        ChatResponse response = client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, "Count from one to two hundred in words.")], answer).GetAwaiter().GetResult();
        double milliseconds = (double)response.Messages[^1].AdditionalProperties![KvNormUsage.DecodeMilliseconds]!;
        return milliseconds / Math.Max(1, response.Usage!.OutputTokenCount ?? 0);
    }

    /// <summary>Threads that compute nothing, for at most some minutes.</summary>
    private sealed class BusyThreads : IDisposable
    {
        private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

        private readonly CancellationTokenSource _stop = new(Bound);

        public BusyThreads(int count)
        {
            for (int i = 0; i < count; i++)
                new Thread(Spin) { IsBackground = true }.Start();
        }

        public void Dispose() => _stop.Cancel();

        private void Spin()
        {
            while (!_stop.IsCancellationRequested)
                Thread.SpinWait(1000);
        }
    }
}
