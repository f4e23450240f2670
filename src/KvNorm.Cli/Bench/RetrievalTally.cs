namespace KvNorm.Cli.Bench;

/// <summary>Counts hits per policy and share.</summary>
internal sealed class RetrievalTally
{
    private const int Resamples = 2000;

    private readonly Dictionary<(string Policy, double Keep), (List<bool> Hits, int Evictions)> _results = [];

    public void Add(string policy, double keep, bool hit, int evictions)
    {
        (List<bool> hits, int before) = _results.TryGetValue((policy, keep), out (List<bool>, int) known) ? known : ([], 0);
        hits.Add(hit);
        _results[(policy, keep)] = (hits, before + evictions);
    }

    public IReadOnlyList<RetrievalRow> Rows() => [.. _results.Select(result =>
    {
        (List<bool> hits, int evictions) = result.Value;
        (double low, double high) = Interval(hits);
        return new RetrievalRow(result.Key.Policy, result.Key.Keep, hits.Count(hit => hit), hits.Count, low, high, evictions);
    })];

    // 95 % of the shares found in samples of the items, drawn with replacement (Efron 1979).
    private static (double Low, double High) Interval(List<bool> hits)
    {
        Random random = new(1);
        double[] shares = new double[Resamples];
        for (int sample = 0; sample < Resamples; sample++)
            shares[sample] = Enumerable.Range(0, hits.Count).Count(_ => hits[random.Next(hits.Count)]) / (double)hits.Count;
        Array.Sort(shares);
        return (shares[(int)(0.025 * Resamples)], shares[(int)(0.975 * Resamples) - 1]);
    }
}
