using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>
/// What the defaults of llama.cpp's parameters are, read through LLamaSharp's structs. Where a field differs, the library and the structs
/// are of different releases, and nothing may be called with them: llama.cpp has no version to ask for.
/// </summary>
internal static class LlamaLayout
{
    /// <summary>The LLamaSharp that this library was written for.</summary>
    public const string Version = "0.30.0";

    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields
        | DynamicallyAccessedMemberTypes.NonPublicFields;

    /// <summary>Fields of llama_model_params whose default is not 0.</summary>
    public static readonly IReadOnlyDictionary<string, object> ModelDefaults = new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["n_gpu_layers"] = -1,
        ["split_mode"] = GPUSplitMode.Layer,
        ["load_mode"] = LLamaLoadMode.MemoryMap,
        ["_use_extra_bufts"] = (sbyte)1,
    };

    /// <summary>Fields of llama_context_params whose default is not 0.</summary>
    public static readonly IReadOnlyDictionary<string, object> ContextDefaults = new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["n_ctx"] = 512u,
        ["n_batch"] = 2048u,
        ["n_ubatch"] = 512u,
        ["n_seq_max"] = 1u,
        ["n_threads"] = 4,
        ["n_threads_batch"] = 4,
        ["rope_scaling_type"] = RopeScalingType.Unspecified,
        ["llama_pooling_type"] = LLamaPoolingType.Unspecified,
        ["attention_type"] = LLamaAttentionType.Unspecified,
        ["llama_flash_attn_type"] = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_AUTO,
        ["yarn_ext_factor"] = -1f,
        ["yarn_attn_factor"] = -1f,
        ["yarn_beta_fast"] = -1f,
        ["yarn_beta_slow"] = -1f,
        ["defrag_threshold"] = -1f,
        ["type_k"] = GGMLType.GGML_TYPE_F16,
        ["type_v"] = GGMLType.GGML_TYPE_F16,
        ["_offload_kqv"] = (sbyte)1,
        ["_no_perf"] = (sbyte)1,
        ["_op_offload"] = (sbyte)1,
        ["_swa_full"] = (sbyte)1,
    };

    /// <summary>
    /// Throws unless the loaded library's default parameters, read through LLamaSharp's structs, are those of this release, field by field.
    /// </summary>
    /// <param name="version">The version of LLamaSharp.</param>
    /// <param name="model">llama_model_default_params.</param>
    /// <param name="context">llama_context_default_params.</param>
    /// <exception cref="LlamaException">A field differs; both versions are named.</exception>
    public static void Verify(string version, in LLamaModelParams model, in LLamaContextParams context)
    {
        VerifyFields(version, model, ModelDefaults);
        VerifyFields(version, context, ContextDefaults);
    }

    /// <summary>The exception that says that two releases do not fit together.</summary>
    /// <param name="version">The version of LLamaSharp found.</param>
    /// <param name="why">How that showed.</param>
    public static LlamaException Mismatch(string version, string why) => new(
        nameof(NativeApi.llama_empty_call),
        0,
        $"this library was written for LLamaSharp {Version} with its backend {Version}; found is LLamaSharp {version}, and {why}. "
        + $"Reference LLamaSharp {Version} and LLamaSharp.Backend.Cpu (or Cuda12, Vulkan) {Version}.");

    private static void VerifyFields<[DynamicallyAccessedMembers(Fields)] T>(
        string version, T found, IReadOnlyDictionary<string, object> defaults)
        where T : struct
    {
        foreach (FieldInfo field in typeof(T).GetFields(AllFields))
        {
            object? expected = defaults.GetValueOrDefault(field.Name) ?? field.GetValue(default(T)), value = field.GetValue(found);
            if (!Equals(expected, value))
                throw Mismatch(
                    version, $"{typeof(T).Name}.{field.Name} defaults to {value ?? "null"} where {expected ?? "null"} is expected");
        }
    }
}
