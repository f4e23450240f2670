using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>A cache that an arm has left ready for questions.</summary>
/// <param name="cache">The cache, which this owns.</param>
/// <param name="read">What was read into it.</param>
internal sealed class OpenedCache(EvaluationCache cache, IReadOnlyList<Segment> read) : IDisposable
{
    public EvaluationCache Cache => cache;

    /// <summary>The share of the heads that hold the tokens of some segments, on average; null when there are none.</summary>
    public double? ShareHeld(IEnumerable<Segment> segments)
    {
        Segment[] wanted = [.. segments];
        if (wanted.Length == 0)
            return null;
        IReadOnlyList<float> held = cache.Held();
        double sum = 0;
        int at = 0;
        foreach (Segment segment in read)
        {
            if (Array.Exists(wanted, other => ReferenceEquals(other, segment)))
                sum += Enumerable.Range(at, segment.Tokens.Length).Sum(token => held[token]);
            at += segment.Tokens.Length;
        }

        return sum / wanted.Sum(static segment => segment.Tokens.Length);
    }

    public void Dispose() => cache.Dispose();
}
