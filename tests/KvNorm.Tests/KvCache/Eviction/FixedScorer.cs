namespace KvNorm.Tests.KvCache.Eviction;

/// <summary>Gives every row the score of its number.</summary>
internal sealed class FixedScorer(Func<int, float> score) : KeyScorer
{
    public override bool NeedsKeys => false;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        for (int row = 0; row < rows.Count; row++)
            scores[row] = score(row);
    }
}
