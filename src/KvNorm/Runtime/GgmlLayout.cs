using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>
/// Whether a tensor of the loaded library has the layout of <see cref="GgmlTensor"/>: found out by having it make tensors whose shapes,
/// name and sources are known.
/// </summary>
internal static unsafe class GgmlLayout
{
    private const int MemoryBytes = 1 << 16; // of the tensors, without their data
    private const int Half = 1;              // ggml's number for f16
    private const int KeyLength = 32, Rows = 12, Heads = 2, Queries = 5, QueryHeads = 6;
    private const int ViewOffset = 2 * KeyLength * Heads * sizeof(short);
    private const float Scale = 0.375f;

    private static readonly Lazy<int> Verified = new(Verify);

    /// <summary>Gets the loaded library's number of the operation that attention is computed by.</summary>
    /// <exception cref="LlamaException">Its tensors have another layout.</exception>
    public static int FlashAttention => Verified.Value;

    /// <summary>Whether these are the tensors that <see cref="Verify"/> has made.</summary>
    /// <param name="node">The attention.</param>
    /// <param name="query">f32, (QueryHeads, Queries, KeyLength).</param>
    /// <param name="key">A view of <paramref name="cache"/> from <see cref="ViewOffset"/> on, (Heads, Rows, KeyLength).</param>
    /// <param name="cache">f16, named "cache_k_l17".</param>
    internal static bool IsAsExpected(GgmlTensor* node, GgmlTensor* query, GgmlTensor* key, GgmlTensor* cache)
    {
        const int rowBytes = KeyLength * Heads * sizeof(short);
        return query->Type == GgmlTensor.Single && cache->Type == Half && query->Buffer == 0 && query->Data == 0
            && Has(query, KeyLength, Queries, QueryHeads, sizeof(float), KeyLength * sizeof(float), Queries * KeyLength * sizeof(float))
            && Has(key, KeyLength, Rows, Heads, sizeof(short), rowBytes, KeyLength * sizeof(short))
            && node->Source(0) == query && node->Source(1) == key && node->Source(3) is null && node->Source(4) is null
            && node->Parameter(0) == Scale && node->Parameter(1) == 0 && node->Parameter(2) == 0
            && query->Operation == 0 && key->Operation != 0 && node->Operation > 0 && node->Operation != key->Operation
            && key->ViewOf == cache && key->ViewOffset == ViewOffset && cache->ViewOf is null
            && cache->TryGetNumber("cache_k_l"u8, out int number) && number == 17;
    }

    private static int Verify()
    {
        nint context = LlamaImports.ggml_init(new LlamaImports.GgmlInitParameters { Size = MemoryBytes, NoAllocation = 1 });
        if (context == 0)
            throw LlamaLayout.Mismatch(LlamaLibrary.Version, "ggml makes no tensors");
        try
        {
            GgmlTensor* query = LlamaImports.ggml_new_tensor_4d(context, GgmlTensor.Single, KeyLength, Queries, QueryHeads, 1);
            GgmlTensor* cache = LlamaImports.ggml_new_tensor_4d(context, Half, KeyLength * Heads, 2 * Rows, 1, 1);
            LlamaImports.ggml_set_name(cache, "cache_k_l17");
            const nuint rowBytes = KeyLength * Heads * sizeof(short);
            GgmlTensor* key = LlamaImports.ggml_view_4d(
                context, cache, KeyLength, Rows, Heads, 1, rowBytes, KeyLength * sizeof(short), 2 * Rows * rowBytes, ViewOffset);
            GgmlTensor* node = LlamaImports.ggml_flash_attn_ext(context, query, key, key, 0, Scale, 0, 0);
            bool isFlashAttention = Marshal.PtrToStringUTF8(LlamaImports.ggml_op_desc(node)) == "FLASH_ATTN_EXT";
            return isFlashAttention && IsAsExpected(node, query, key, cache)
                ? node->Operation
                : throw LlamaLayout.Mismatch(LlamaLibrary.Version, "its tensors have another layout, so attention cannot be read");
        }
        finally
        {
            LlamaImports.ggml_free(context);
        }
    }

    private static bool Has(GgmlTensor* tensor, long first, long second, long third, long stride0, long stride1, long stride2) =>
        (tensor->Elements[0], tensor->Elements[1], tensor->Elements[2], tensor->Elements[3]) == (first, second, third, 1)
        && (tensor->Strides[0], tensor->Strides[1], tensor->Strides[2]) == (stride0, stride1, stride2);
}
