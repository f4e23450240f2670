using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Bench;

/// <summary>What `kvnorm bench conversation` measures.</summary>
/// <param name="Turns">Turns held.</param>
/// <param name="MaxCells">The most cells in use at any time.</param>
/// <param name="Capacity">The cells that may be in use.</param>
/// <param name="LogicalTokens">Tokens said.</param>
/// <param name="Evictions">Evictions on the way.</param>
/// <param name="ResidentMiddleMiB">Median resident memory of the process in the middle third of the turns.</param>
/// <param name="ResidentLastMiB">The same in the last third.</param>
/// <param name="TurnMsByThird">Median milliseconds of a turn in the first, middle and last third.</param>
/// <param name="DecodeMsPerTokenByThird">Median milliseconds per answered token in the first, middle and last third.</param>
/// <param name="FullCache">The same with a cache that nothing is evicted from, until it is full.</param>
internal sealed record ConversationReport(
    int Turns,
    int MaxCells,
    int Capacity,
    int LogicalTokens,
    int Evictions,
    double ResidentMiddleMiB,
    double ResidentLastMiB,
    IReadOnlyList<double> TurnMsByThird,
    IReadOnlyList<double> DecodeMsPerTokenByThird,
    FullCacheReport FullCache);

/// <summary>The same conversation with a cache that is never evicted from.</summary>
/// <param name="Turns">Turns until it was full.</param>
/// <param name="Cells">Cells it had then.</param>
/// <param name="DecodeMsPerTokenByThird">As for the budgeted one.</param>
/// <param name="TurnMsByThird">As for the budgeted one.</param>
internal sealed record FullCacheReport(
    int Turns, int Cells, IReadOnlyList<double> TurnMsByThird, IReadOnlyList<double> DecodeMsPerTokenByThird);

/// <summary>
/// A long conversation in a small cache: nothing may grow. Nothing is recalled, since the archive of what was evicted does grow, up to a
/// maximum of its own.
/// </summary>
internal static class ConversationBench
{
    private const int Cells = 512;
    private const int AnswerTokens = 24;
    private const int MostTurnTokens = 64; // of question and answer with their markers

    private static readonly string[] Questions =
    [
        "What should I cook tonight?", "Tell me something about the sea.", "How do I plant a tree?", "Name a city worth a visit.",
        "What makes a good friend?", "How is bread made?", "Give me a tip for a rainy day.", "What do cats dream of?",
    ];

    public static ConversationReport Run(BenchModel model, int turns, Action<string> progress)
    {
        // The full cache first: its memory is given back before the other one's is watched.
        KvNormChatOptions large = model.Options(Math.Max(Cells, turns * MostTurnTokens)), small = model.Options(Cells);
        large.Recall = small.Recall = false;
        (List<Turn> full, KvCacheStatistics fullCache) = Converse(large, turns, stopWhenFull: true, "full cache", progress);
        (List<Turn> bounded, KvCacheStatistics cache) = Converse(small, turns, stopWhenFull: false, $"{Cells} cells", progress);
        double[] resident = Median.ByThird([.. bounded.Select(turn => turn.ResidentMiB)]);
        return new ConversationReport(
            bounded.Count,
            bounded.Max(turn => turn.Cells),
            cache.Capacity,
            cache.LogicalTokens,
            cache.Evictions,
            resident[1],
            resident[2],
            Median.ByThird([.. bounded.Select(turn => turn.Milliseconds)]),
            Median.ByThird([.. bounded.Select(turn => turn.DecodeMsPerToken)]),
            new FullCacheReport(
                full.Count,
                fullCache.Cells,
                Median.ByThird([.. full.Select(turn => turn.Milliseconds)]),
                Median.ByThird([.. full.Select(turn => turn.DecodeMsPerToken)])));
    }

    private static (List<Turn> Turns, KvCacheStatistics Cache) Converse(
        KvNormChatOptions options, int turns, bool stopWhenFull, string name, Action<string> progress)
    {
        using KvNormChatClient client = KvNormChatClient.Create(options);
        ChatSession session = new(
            client,
            new ChatOptions
            {
                Instructions = "You are a helpful AI assistant.",
                Temperature = 0.7f,
                Seed = 1,
                MaxOutputTokens = AnswerTokens,
            });
        List<Turn> measured = [];
        int most = 0; // cells after any piece of an answer
        while (measured.Count < turns)
        {
            long start = Stopwatch.GetTimestamp();
            TurnReport report = session.SendAsync(
                $"{measured.Count + 1}. {Questions[measured.Count % Questions.Length]}",
                _ => most = Math.Max(most, client.Statistics.Cells),
                CancellationToken.None).GetAwaiter().GetResult();
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            measured.Add(new Turn(
                most, milliseconds, report.DecodeMs / Math.Max(1, report.OutputTokens), Environment.WorkingSet / (double)(1 << 20)));
            if (measured.Count % 50 == 0)
                progress($"conversation, {name}: turn {measured.Count} of {turns}");
            if (stopWhenFull && client.Statistics.Cells + (4 * AnswerTokens) > client.Statistics.Capacity)
                break;
        }

        return (measured, client.Statistics);
    }

    private sealed record Turn(int Cells, double Milliseconds, double DecodeMsPerToken, double ResidentMiB);
}
