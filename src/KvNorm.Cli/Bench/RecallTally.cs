namespace KvNorm.Cli.Bench;

/// <summary>One question answered.</summary>
/// <param name="LogProbability">Mean log-probability of a token of the right answer.</param>
/// <param name="IsExact">Whether the right value was generated.</param>
/// <param name="Recalled">Tokens brought back for it.</param>
/// <param name="Statistics">The cache's statistics then.</param>
internal sealed record RecallAnswer(double LogProbability, bool IsExact, int Recalled, KvCacheStatistics Statistics);

/// <summary>Collects the answers of `kvnorm bench recall`, question by question.</summary>
internal sealed class RecallTally
{
    private const int Resamples = 2000;
    private const string Full = "full", Recall = "recall";

    private readonly Dictionary<string, List<RecallAnswer>> _answers = [];
    private readonly List<(int Tokens, int Cells, KvCacheStatistics Statistics)> _conversations = [];
    private readonly List<int> _smallTalk = []; // tokens brought back

    public void AddConversation(int tokens, int cells, KvCacheStatistics statistics) => _conversations.Add((tokens, cells, statistics));

    public void AddAnswer(string arm, RecallAnswer answer)
    {
        if (!_answers.TryGetValue(arm, out List<RecallAnswer>? answers))
            _answers[arm] = answers = [];
        answers.Add(answer);
    }

    public void AddSmallTalk(int recalled) => _smallTalk.Add(recalled);

    public RecallReport ToReport()
    {
        RecallAnswer[] recalls = [.. _answers[Recall].Where(static answer => answer.Recalled > 0)];
        double eviction = _conversations.Average(static each => each.Statistics.EvictionMilliseconds / each.Statistics.Evictions);
        return new RecallReport(
            _conversations.Count,
            _answers[Recall].Count,
            _conversations.Average(static each => each.Tokens),
            _conversations.Average(static each => each.Cells),
            [.. _answers.Keys.Select(ToArm)],
            _answers[Recall].Average(static answer => answer.Recalled),
            _smallTalk.Count,
            _smallTalk.Count(static recalled => recalled > 0),
            recalls.Length == 0 ? 0 : recalls.Average(static answer => answer.Statistics.RecallMilliseconds) / eviction,
            _conversations.Average(static each => each.Statistics.LastEviction!.Archive / each.Statistics.LastEviction.Total));
    }

    private RecallArm ToArm(string arm)
    {
        List<RecallAnswer> answers = _answers[arm], full = _answers[Full];
        double[] differences = [.. answers.Zip(full, static (one, other) => one.LogProbability - other.LogProbability)];
        (double low, double high) = Interval(
            [.. differences.Chunk(answers.Count / _conversations.Count).Select(static each => each.Average())]);
        return new RecallArm(
            arm,
            answers.Average(static answer => answer.LogProbability),
            differences.Average(),
            low,
            high,
            answers.Count(static answer => answer.IsExact),
            answers.Zip(full).Count(static pair => pair.First.IsExact && pair.Second.IsExact));
    }

    // 95 % of the means found in samples of the conversations, drawn with replacement (Efron 1979).
    private static (double Low, double High) Interval(double[] means)
    {
        Random random = new(1);
        double[] samples = new double[Resamples];
        for (int sample = 0; sample < Resamples; sample++)
            samples[sample] = Enumerable.Range(0, means.Length).Average(_ => means[random.Next(means.Length)]);
        Array.Sort(samples);
        return (samples[(int)(0.025 * Resamples)], samples[(int)(0.975 * Resamples) - 1]);
    }
}
