using KvNorm.Evaluation;

namespace KvNorm.Cli.Bench;

/// <summary>How well questions are answered from one kind of cache.</summary>
/// <param name="Arm">"full", "eviction", "recall", or "passage" for a cache that holds only the message with the answer.</param>
/// <param name="LogProbability">Mean log-probability of a token of the right answer.</param>
/// <param name="ToFull">Mean of the same minus the full cache's, question by question.</param>
/// <param name="Low">Lower end of its 95 % interval (bootstrap over conversations).</param>
/// <param name="High">Its upper end.</param>
/// <param name="Exact">Answers with the right value.</param>
/// <param name="ExactOfFull">Those among the questions that the full cache answers right.</param>
internal sealed record RecallArm(string Arm, double LogProbability, double ToFull, double Low, double High, int Exact, int ExactOfFull);

/// <summary>What `kvnorm bench recall` measures.</summary>
/// <param name="RecallConversations">Conversations.</param>
/// <param name="RecallQuestions">Questions, one for every fact.</param>
/// <param name="RecallTokens">Mean tokens of a conversation.</param>
/// <param name="RecallCells">Mean cells of the small caches.</param>
/// <param name="RecallArms">The kinds of cache.</param>
/// <param name="RecalledTokens">Mean tokens brought back for a question.</param>
/// <param name="SmallTalk">Questions that need nothing old.</param>
/// <param name="SmallTalkRecalls">Those for which something was brought back.</param>
/// <param name="RecallToEviction">Mean time of a recall by that of an eviction.</param>
/// <param name="ArchiveShare">Time to fill the archive by that of evictions with it.</param>
internal sealed record RecallReport(
    int RecallConversations,
    int RecallQuestions,
    double RecallTokens,
    double RecallCells,
    IReadOnlyList<RecallArm> RecallArms,
    double RecalledTokens,
    int SmallTalk,
    int SmallTalkRecalls,
    double RecallToEviction,
    double ArchiveShare);

/// <summary>Facts told in a long conversation and asked for at its end, in a cache of a twelfth of its tokens.</summary>
internal static class RecallBench
{
    private const int Facts = 16;
    private const int TokensPerCell = 12;

    public static RecallReport Run(KvNormChatOptions options, EvaluationText text, int conversations, Action<string> progress)
    {
        options.KvCacheBudget = KvCacheBudget.FromCells(KvCacheBudget.MinimumCells); // it is only forked
        using KvCacheSession session = KvCacheSession.Create(options);
        RecallTally tally = new();
        for (int number = 0; number < conversations; number++)
        {
            progress($"recall: conversation {number + 1} of {conversations}");
            RunOne(session, FactConversation.Create(session, text, number, Facts), tally);
            progress($"recall: so far {string.Join(", ", tally.ToReport().RecallArms.Select(Describe))}");
        }

        return tally.ToReport();
    }

    private static string Describe(RecallArm arm) => $"{arm.Arm} {arm.LogProbability:0.000} ({arm.Exact} right)";

    private static void RunOne(KvCacheSession session, FactConversation conversation, RecallTally tally)
    {
        int tokens = conversation.Opening.Length + conversation.Turns.Length, cells = tokens / TokensPerCell;
        int room = conversation.Questions.Max(static question => question.Turn.Length) + FactConversation.AnswerTokens;
        using KvCacheSession full = Read(session, conversation, tokens + room), small = Read(session, conversation, cells);
        if (full.Statistics.Evictions > 0 || small.Statistics.Evictions == 0)
            throw new InvalidOperationException("The full cache must not evict, and the small one must.");
        tally.AddConversation(tokens, cells, small.Statistics);
        foreach (FactQuestion question in conversation.Questions)
        {
            tally.AddAnswer("full", Ask(full, question, recall: false));
            tally.AddAnswer("eviction", Ask(small, question, recall: false));
            tally.AddAnswer("recall", Ask(small, question, recall: true));
            using KvCacheSession passage = session.Fork(KvCacheBudget.FromCells(tokens));
            passage.Prefill([.. conversation.Opening, .. question.Passage]);
            tally.AddAnswer("passage", Ask(passage, question, recall: false));
        }

        foreach (int[] question in FactConversation.SmallTalkQuestions(session))
        {
            using KvCacheSession fork = small.Fork();
            tally.AddSmallTalk(fork.Recall(question));
        }
    }

    private static KvCacheSession Read(KvCacheSession session, FactConversation conversation, int cells)
    {
        KvCacheSession reader = session.Fork(KvCacheBudget.FromCells(cells));
        reader.PinPrefix(conversation.Opening.Length);
        reader.Prefill(conversation.Opening);
        reader.Prefill(conversation.Turns);
        return reader;
    }

    private static RecallAnswer Ask(KvCacheSession session, FactQuestion question, bool recall)
    {
        using KvCacheSession fork = session.Fork();
        int recalled = recall ? fork.Recall(question.Question) : 0;
        KvCacheStatistics statistics = fork.Statistics;
        fork.Prefill(question.Turn);
        double each = fork.GetLogLikelihood(question.Answer).PerToken.Average();
        bool isExact = fork.Generate(FactConversation.AnswerTokens).Contains(question.Value, StringComparison.Ordinal);
        return new RecallAnswer(each, isExact, recalled, statistics);
    }
}
