using System.Diagnostics.CodeAnalysis;

namespace KvNorm;

/// <summary>
/// What the keys or values of the cache are stored as. The numbers are ggml's. The quantised types have blocks of 32 elements, so a head
/// must be a multiple of that long.
/// </summary>
[SuppressMessage("Naming", "CA1707", Justification = "These are the names that everybody knows the types by.")]
[SuppressMessage("Design", "CA1008", Justification = "0 is a type as the others are.")]
public enum KvCacheType
{
    /// <summary>32-bit floating point.</summary>
    F32 = 0,

    /// <summary>16-bit floating point: the default.</summary>
    F16 = 1,

    /// <summary>4 bits and a scale a block, 4.5 bits an element.</summary>
    Q4_0 = 2,

    /// <summary>4 bits, a scale and a minimum a block, 5 bits an element.</summary>
    Q4_1 = 3,

    /// <summary>5 bits and a scale a block, 5.5 bits an element.</summary>
    Q5_0 = 6,

    /// <summary>5 bits, a scale and a minimum a block, 6 bits an element.</summary>
    Q5_1 = 7,

    /// <summary>8 bits and a scale a block, 8.5 bits an element.</summary>
    Q8_0 = 8,

    /// <summary>The upper half of 32-bit floating point: the range of f32 with 8 bits of precision.</summary>
    BF16 = 30,
}
