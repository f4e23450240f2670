using LLama;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Bench;

/// <summary>Decoding beside so many threads that are always busy.</summary>
/// <param name="Busy">Busy threads beside it.</param>
/// <param name="MsPerTokenByThreads">Milliseconds of a token with a fixed number of threads, by that number; median.</param>
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

    public static ContentionReport Run(BenchModel model, Action<string> progress)
    {
        using LLamaWeights weights = ModelWeights.Load(model.Path);
        int cores = Environment.ProcessorCount;
        int[] counts = [.. new[] { 1, cores / 2, cores - 1, cores }.Where(static count => count > 0).Distinct().Order()];
        return new ContentionReport([.. Enumerable.Range(0, 3).Select(busy => Measure(weights, counts, busy, progress))]);
    }

    private static ContentionRow Measure(LLamaWeights weights, int[] counts, int busy, Action<string> progress)
    {
        using BusyThreads load = new(busy);
        KvNormChatClient[] clients = [.. counts.Select(count => Create(weights, count)), Create(weights, null)];
        Array.ForEach(clients, static client => MsPerToken(client, WarmUpTokens));
        List<double>[] measured = [.. clients.Select(static _ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
        {
            IEnumerable<int> turns = Enumerable.Range(0, clients.Length);
            foreach (int one in round % 2 == 0 ? turns : turns.Reverse()) // none always follows the same one
                measured[one].Add(MsPerToken(clients[one], Tokens));
        }

        Array.ForEach(clients, static client => client.Dispose());
        double[] medians = [.. measured.Select(Median.Of)];
        double[] pinned = medians[..^1];
        progress($"contention: {busy} busy threads measured");
        Dictionary<int, double> byCount = counts.Zip(pinned).ToDictionary(static one => one.First, static one => one.Second);
        return new ContentionRow(busy, byCount, medians[^1], pinned.Min() / medians[^1]);
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

    /// <summary>Threads that compute nothing until they are disposed of, however long a measurement takes.</summary>
    private sealed class BusyThreads : IDisposable
    {
        private volatile bool _isOver;

        public BusyThreads(int count)
        {
            for (int i = 0; i < count; i++)
                new Thread(Spin) { IsBackground = true }.Start();
        }

        public void Dispose() => _isOver = true;

        private void Spin()
        {
            while (!_isOver)
                Thread.SpinWait(1000);
        }
    }
}
