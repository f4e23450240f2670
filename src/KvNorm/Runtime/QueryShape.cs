namespace KvNorm.Runtime;

/// <summary>The shape of a layer's queries.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="Length">Elements of one head's query.</param>
/// <param name="Scale">What their product with a key is multiplied by before the softmax.</param>
internal sealed record QueryShape(int Heads, int Length, float Scale)
{
    /// <summary>Elements of all heads together.</summary>
    public int Row => Heads * Length;
}
