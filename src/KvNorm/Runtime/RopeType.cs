namespace KvNorm.Runtime;

/// <summary>Which elements of a key RoPE turns together, as llama_model_rope_type says it. Other values are 2-D or 3-D positions.</summary>
internal enum RopeType
{
    /// <summary>No rotary positions.</summary>
    None = -1,

    /// <summary>Adjacent elements: (2i, 2i + 1).</summary>
    Adjacent = 0,

    /// <summary>Halves of the rotated part: (i, i + n / 2), as in GPT-NeoX.</summary>
    Halves = 2,
}
