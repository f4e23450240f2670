using System.Diagnostics;
using System.Globalization;
using KvNorm.Evaluation;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Bench;

/// <summary>How one way of sharing a budget did.</summary>
/// <param name="Shares">"equal", or "unified": one pool of cells.</param>
/// <param name="Evictions">Of all conversations, over all rounds.</param>
/// <param name="LongEvictions">Of the long one among them, while it was answered.</param>
/// <param name="LongCells">Cells that the long one holds in the end; median.</param>
/// <param name="FactsKnown">Rounds in which it still knew what it was told at its beginning.</param>
/// <param name="ShortMs">Milliseconds that decoding a token took in a short conversation, answered alone; median.</param>
/// <param name="LongMs">The same of the long one.</param>
/// <param name="TogetherMs">Milliseconds that a token of each took while all were answered at once, prompts included; median.</param>
internal sealed record SharingRow(
    string Shares, int Evictions, int LongEvictions, double LongCells, int FactsKnown, double ShortMs, double LongMs, double TogetherMs);

/// <summary>What `kvnorm bench sharing` measures.</summary>
/// <param name="SharingRounds">Rounds, each with another fact.</param>
/// <param name="SharingCells">Cells of all conversations together.</param>
/// <param name="SharingTokens">Tokens of the conversations of the last round, the long one first.</param>
/// <param name="Sharing">The ways.</param>
/// <param name="UnifiedToEqual">
/// The three times of a unified cache as ratios to those of equal shares: short, long, together; medians of the rounds'.
/// </param>
internal sealed record SharingReport(
    int SharingRounds,
    int SharingCells,
    IReadOnlyList<int> SharingTokens,
    IReadOnlyList<SharingRow> Sharing,
    IReadOnlyList<double> UnifiedToEqual);

/// <summary>
/// Eight conversations of uneven length under one budget: in equal shares, and in a cache where the long one uses what the others leave.
/// Nothing is recalled, so that only what the cache holds counts. The two take turns in one process.
/// </summary>
internal static class SharingBench
{
    private const int Conversations = 8;
    private const int CellsEach = 256;
    private const int Rounds = 12;
    private const int Turns = 7;
    private const int SentencesPerTurn = 10; // of the long one: in the end three to four equal shares
    private const int TimedTokens = 24;
    private const int TimedRepeats = 2;

    public static SharingReport Run(BenchModel model, EvaluationText prose, Action<string> progress)
    {
        List<Outcome> equal = [], unified = [];
        for (int round = 0; round < Rounds; round++)
        {
            using Arm one = new(model, unified: false), other = new(model, unified: true);
            foreach (Arm arm in round % 2 == 0 ? new[] { one, other } : [other, one])
                arm.Talk(prose, round);
            for (int repeat = 0; repeat < TimedRepeats; repeat++)
            {
                one.Time(repeat);
                other.Time(repeat);
            }

            equal.Add(one.Finish(round));
            unified.Add(other.Finish(round));
            progress($"sharing: round {round + 1} of {Rounds}, facts known: {Known(equal)} with equal shares, {Known(unified)} unified");
        }

        return new SharingReport(
            Rounds,
            CellsEach * Conversations,
            unified[^1].Tokens,
            [Row("equal", equal), Row("unified", unified)],
            [Ratio(static one => one.ShortMs), Ratio(static one => one.LongMs), Ratio(static one => one.TogetherMs)]);

        double Ratio(Func<Outcome, double> ms) => Median.Of(unified.Zip(equal, (one, other) => ms(one) / ms(other)));
    }

    private static SharingRow Row(string shares, List<Outcome> rounds) => new(
        shares,
        rounds.Sum(static one => one.Evictions),
        rounds.Sum(static one => one.LongEvictions),
        Median.Of(rounds.Select(static one => (double)one.LongCells)),
        Known(rounds),
        Median.Of(rounds.Select(static one => one.ShortMs)),
        Median.Of(rounds.Select(static one => one.LongMs)),
        Median.Of(rounds.Select(static one => one.TogetherMs)));

    private static int Known(List<Outcome> rounds) => rounds.Count(static one => one.KnowsFact);

    /// <summary>One round of one way.</summary>
    private sealed record Outcome(
        int Evictions,
        int LongEvictions,
        int LongCells,
        bool KnowsFact,
        double ShortMs,
        double LongMs,
        double TogetherMs,
        IReadOnlyList<int> Tokens);

    /// <summary>One way of sharing, and the conversations of a round.</summary>
    private sealed class Arm : IDisposable
    {
        private readonly KvNormChatClient _client;
        private readonly List<double> _shortMs = [], _longMs = [], _togetherMs = [];

        public Arm(BenchModel model, bool unified)
        {
            KvNormChatOptions options = model.Options(CellsEach * Conversations);
            (options.Slots, options.UnifiedCache, options.Recall) = (Conversations, unified, false);
            _client = KvNormChatClient.Create(options);
        }

        /// <summary>All conversations, a turn of each after the other. The first hears a fact and then much else.</summary>
        public void Talk(EvaluationText prose, int round)
        {
            int sentence = round * Turns * SentencesPerTurn;
            for (int turn = 0; turn < Turns; turn++)
            {
                string read = string.Join(' ', prose.Sentences.Skip((sentence + (turn * SentencesPerTurn)) % 1000).Take(SentencesPerTurn));
                Say(0, turn == 0 ? $"Remember this: the code of the safe is {Fact(round)}." : $"Read this. {read}");
                for (int other = 1; other < Conversations && turn < other; other++) // of one turn to seven
                    Say(other, $"Tell me something about the number {other + turn}.");
            }
        }

        /// <summary>Decodes for a short conversation, for the long one, and for all at once.</summary>
        public void Time(int repeat)
        {
            _shortMs.Add(DecodeMs(Say(1, $"Tell me a very long story, number {repeat}.", TimedTokens)));
            _longMs.Add(DecodeMs(Say(0, $"Tell me a very long story, number {repeat}.", TimedTokens)));
            long start = Stopwatch.GetTimestamp();
            ChatResponse[] all = Task.WhenAll(Enumerable.Range(0, Conversations)
                .Select(number => SayAsync(number, $"Tell me a very long tale, number {repeat}.", TimedTokens))).GetAwaiter().GetResult();
            _togetherMs.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds * Conversations / all.Sum(static one => Tokens(one)));
        }

        public Outcome Finish(int round)
        {
            string answer = Say(0, "What is the code of the safe?").Text;
            KvNormConversation[] all = [.. Enumerable.Range(0, Conversations).Select(number => _client.GetConversation(Id(number))!)];
            return new Outcome(
                _client.Statistics.Evictions,
                all[0].Statistics!.Evictions,
                all[0].Cells,
                answer.Contains(Fact(round), StringComparison.Ordinal),
                Median.Of(_shortMs),
                Median.Of(_longMs),
                Median.Of(_togetherMs),
                [.. all.Select(static one => one.LogicalTokens)]);
        }

        public void Dispose() => _client.Dispose();

        private static string Id(int number) => $"conversation {number}";

        private static string Fact(int round) => $"{1000 + (round * 397)}";

        private static long Tokens(ChatResponse answer) => answer.Usage!.OutputTokenCount!.Value;

        // Evictions included: they are part of what a way of sharing costs.
        private static double DecodeMs(ChatResponse answer) =>
            Convert.ToDouble(answer.AdditionalProperties![KvNormUsage.DecodeMilliseconds], CultureInfo.InvariantCulture) / Tokens(answer);

        private ChatResponse Say(int number, string text, int tokens = 12) => SayAsync(number, text, tokens).GetAwaiter().GetResult();

        private Task<ChatResponse> SayAsync(int number, string text, int tokens)
        {
            ChatOptions options = new() { ConversationId = Id(number), Temperature = 0, MaxOutputTokens = tokens };
            return _client.GetResponseAsync([new ChatMessage(ChatRole.User, text)], options);
        }
    }
}
