namespace KvNorm.Runtime.Gguf;

/// <summary>
/// A way in which the elements of a weight are stored. Integers, doubles and the types of intermediate results are left out: llama.cpp has
/// no product with them and ends the process when it meets one.
/// </summary>
/// <param name="Name">As ggml calls it.</param>
/// <param name="BlockElements">Elements that are stored together; rows are whole blocks.</param>
/// <param name="BlockBytes">Bytes of these.</param>
internal sealed record GgufTensorType(string Name, int BlockElements, int BlockBytes)
{
    private const int Small = 32, Super = 256; // elements of ggml's two sizes of block

    private static readonly Dictionary<uint, GgufTensorType> ByNumber = new()
    {
        [0] = new("F32", 1, 4),
        [1] = new("F16", 1, 2),
        [2] = new("Q4_0", Small, 18),
        [3] = new("Q4_1", Small, 20),
        [6] = new("Q5_0", Small, 22),
        [7] = new("Q5_1", Small, 24),
        [8] = new("Q8_0", Small, 34),
        [10] = new("Q2_K", Super, 84),
        [11] = new("Q3_K", Super, 110),
        [12] = new("Q4_K", Super, 144),
        [13] = new("Q5_K", Super, 176),
        [14] = new("Q6_K", Super, 210),
        [16] = new("IQ2_XXS", Super, 66),
        [17] = new("IQ2_XS", Super, 74),
        [18] = new("IQ3_XXS", Super, 98),
        [19] = new("IQ1_S", Super, 50),
        [20] = new("IQ4_NL", Small, 18),
        [21] = new("IQ3_S", Super, 110),
        [22] = new("IQ2_S", Super, 82),
        [23] = new("IQ4_XS", Super, 136),
        [29] = new("IQ1_M", Super, 56),
        [30] = new("BF16", 1, 2),
        [34] = new("TQ1_0", Super, 54),
        [35] = new("TQ2_0", Super, 66),
        [39] = new("MXFP4", Small, 17),
    };

    /// <summary>Gets whether every element stands for itself.</summary>
    public bool IsF32 => this == ByNumber[0];

    /// <summary>The type of a number in a file; null when there is none that weights may have.</summary>
    public static GgufTensorType? Of(uint number) => ByNumber.GetValueOrDefault(number);
}
