using System.Diagnostics;
using KvNorm.Evaluation;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Bench;

/// <summary>What `kvnorm bench speed` measures.</summary>
/// <param name="PrefillToBare">Speed of prefill through the client as a share of the bare loop's beside it; median.</param>
/// <param name="DecodeToBare">The same of decode.</param>
/// <param name="PrefillTokensPerSecond">Through the client.</param>
/// <param name="DecodeTokensPerSecond">Through the client.</param>
/// <param name="EvictMs">Medians of one eviction of 1,024 cells to 512.</param>
/// <param name="EvictShare">One such eviction as a share of the time that producing 512 tokens takes.</param>
/// <param name="DecodeAfterEvictToFresh">
/// Speed of decode right after an eviction as a share of that with a fresh cache of as many cells.
/// </param>
/// <param name="AllocatedBytesPerToken">Managed bytes per token of an answer, all threads, the caller's share included.</param>
/// <param name="AllocatedBytesPerEviction">Managed bytes of one eviction once warm.</param>
internal sealed record SpeedReport(
    double PrefillToBare,
    double DecodeToBare,
    double PrefillTokensPerSecond,
    double DecodeTokensPerSecond,
    EvictionTimings EvictMs,
    double EvictShare,
    double DecodeAfterEvictToFresh,
    double AllocatedBytesPerToken,
    double AllocatedBytesPerEviction);

/// <summary>
/// Speed through the client against the bare loop, taken in turns, since machines drift; and the parts of an eviction.
/// </summary>
internal static class SpeedBench
{
    private const int BatchTokens = 512; // as the client decodes
    private const int Cells = 1024;        // evicted to half
    private const int Rounds = 17;         // of client and bare loop in turns; the first is not counted
    private const int Evictions = 21;      // the first, which grows the buffers, is not counted
    private const int DecodeTokens = 96;   // timed after an eviction and with a fresh cache
    private const int PromptCharacters = 2000; // some 500 tokens
    private const int AnswerTokens = 128;

    public static SpeedReport Run(BenchModel model, EvaluationText text, Action<string> progress)
    {
        using KvNormChatClient client = KvNormChatClient.Create(model.Options(Cells));
        using KvCacheSession session = client.CreateSession();
        List<Round> rounds = [];
        using (BareLoopProcess bare = new(new BareLoopSettings(model.Path, Cells, BatchTokens, model.Threads)))
        {
            for (int round = 0; round < Rounds; round++)
            {
                progress($"speed: client and bare loop, round {round + 1} of {Rounds}");
                string prose = text.Content.Substring(round * PromptCharacters, PromptCharacters);
                rounds.Add(Compare(client, bare, session.Tokenize(prose), prose, round));
            }
        }

        rounds.RemoveAt(0);
        progress("speed: evictions");
        int[] tokens = [.. session.Tokenize(text.Content[..40_000])];
        (List<EvictionTimings> evictions, double evictionBytes, double afterToFresh) = MeasureEvictions(session, client, tokens, progress);
        double decodeSeconds = Median.Of(rounds.Select(round => round.ClientDecodePerToken));
        EvictionTimings median = new(
            Median.Of(evictions.Select(timing => timing.Get)),
            Median.Of(evictions.Select(timing => timing.Score)),
            Median.Of(evictions.Select(timing => timing.Gather)),
            Median.Of(evictions.Select(timing => timing.Set)))
        {
            Archive = Median.Of(evictions.Select(timing => timing.Archive)),
        };
        double total = Median.Of(evictions.Select(timing => timing.Total));
        return new SpeedReport(
            Median.Of(rounds.Select(round => round.BarePrefill / round.ClientPrefill)),
            Median.Of(rounds.Select(round => round.BareDecodePerToken / round.ClientDecodePerToken)),
            Median.Of(rounds.Select(round => round.PromptTokens / round.ClientPrefill)),
            1 / decodeSeconds,
            median,
            total / 1000 / (Cells / 2 * decodeSeconds),
            afterToFresh,
            Median.Of(rounds.Select(round => round.AllocatedPerToken)),
            evictionBytes);
    }

    // The order alternates, so that neither always runs on the warmer machine.
    private static Round Compare(KvNormChatClient client, BareLoopProcess bare, IReadOnlyList<int> tokens, string prose, int round)
    {
        Round measured = AnswerAsync(client, $"{round}. Go on with this story, at length: {prose}").GetAwaiter().GetResult();
        int[] prompt = [.. tokens.Concat(tokens).Take(measured.HeldTokens + measured.PromptTokens)];
        int answer = measured.AnswerTokens; // another answer may have another length
        (TimeSpan prefill, TimeSpan decode) = bare.Run(prompt, measured.HeldTokens, answer);
        if (round % 2 == 1)
            measured = AnswerAsync(client, $"{-round}. Go on with this story, at length: {prose}").GetAwaiter().GetResult();
        return measured with { BarePrefill = prefill.TotalSeconds, BareDecodePerToken = decode.TotalSeconds / (answer - 1) };
    }

    private static async Task<Round> AnswerAsync(KvNormChatClient client, string message)
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = AnswerTokens };
        long start = Stopwatch.GetTimestamp(), first = 0, allocated = 0;
        UsageDetails? usage = null;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, message)], options))
        {
            if (first == 0)
                (first, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
            usage = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details;
        }

        TimeSpan decode = Stopwatch.GetElapsedTime(first);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        int held = (int)usage!.CachedInputTokenCount!, answer = (int)usage.OutputTokenCount!;
        return new Round(
            held, (int)usage.InputTokenCount! - held, answer, Stopwatch.GetElapsedTime(start, first).TotalSeconds,
            decode.TotalSeconds / (answer - 1), (double)allocated / (answer - 1), 0, 0);
    }

    private static (List<EvictionTimings> Timings, double Bytes, double AfterToFresh) MeasureEvictions(
        KvCacheSession session, KvNormChatClient client, int[] tokens, Action<string> progress)
    {
        List<EvictionTimings> timings = [];
        List<double> bytes = [], ratios = [];
        using KvCacheSession fresh = client.CreateSession();
        for (int i = 0; i < Evictions; i++)
        {
            int rows = session.Statistics.Cells;
            session.Prefill(tokens.AsSpan(i * (Cells / 2) % (tokens.Length - Cells), Cells - rows));
            long before = GC.GetTotalAllocatedBytes(precise: true);
            EvictionTimings timing = session.Evict(Cells / 2);
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            fresh.Clear();
            fresh.Prefill(tokens.AsSpan(0, Cells / 2));
            double after = TimeDecode(session, tokens);
            double freshly = TimeDecode(fresh, tokens);
            if (i > 0)
            {
                timings.Add(timing);
                bytes.Add(allocated);
                ratios.Add(freshly / after);
            }

            if (i % 5 == 4)
                progress($"speed: eviction {i + 1} of {Evictions}");
        }

        return (timings, Median.Of(bytes), Median.Of(ratios));
    }

    // Seconds of some decodes of one token each.
    private static double TimeDecode(KvCacheSession session, int[] tokens)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < DecodeTokens; i++)
            session.Prefill(tokens.AsSpan(i, 1));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>One answer through the client and the same tokens through the bare loop; times in seconds.</summary>
    private sealed record Round(
        int HeldTokens, int PromptTokens, int AnswerTokens, double ClientPrefill, double ClientDecodePerToken, double AllocatedPerToken,
        double BarePrefill, double BareDecodePerToken);
}
