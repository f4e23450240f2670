using System.Numerics.Tensors;
using KvNorm;

namespace CustomScorer;

/// <summary>Strong values stay, recent rather than old ones: the L2 norm of the value, halved per half-life of later tokens.</summary>
internal sealed class ValueNormScorer(double halfLife) : KeyScorer
{
    public override bool NeedsKeys => false;

    public override bool NeedsValues => true;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        int last = rows.Tokens[^1];
        for (int row = 0; row < rows.Count; row++)
            scores[row] = TensorPrimitives.Norm(rows.Value(row)) * (float)Math.Pow(0.5, (last - rows.Tokens[row]) / halfLife);
    }
}
