using System.Reflection;

namespace KvNorm.Runtime;

/// <summary>What a llama.cpp library must say of itself before its structs are trusted.</summary>
internal static class LlamaAbi
{
    /// <summary>The release that the declarations in this folder were checked against.</summary>
    public const string Version = "0.5.0";

    public static readonly llama_model_params ModelDefaults = new()
    {
        n_gpu_layers = -1,
        split_mode = 1,
        load_mode = -1,
        lazy_mode = 1,
        use_extra_bufts = 1,
    };

    public static readonly llama_context_params ContextDefaults = new()
    {
        n_ctx = 512,
        n_batch = 2048,
        n_ubatch = 512,
        n_seq_max = 1,
        n_outputs_max_per_seq = 1,
        n_threads = 4,
        n_threads_batch = 4,
        rope_scaling_type = -1,
        pooling_type = -1,
        attention_type = -1,
        flash_attn_type = -1,
        yarn_ext_factor = -1,
        yarn_attn_factor = -1,
        yarn_beta_fast = -1,
        yarn_beta_slow = -1,
        defrag_thold = -1,
        type_k = 1,
        type_v = 1,
        offload_kqv = 1,
        no_perf = 1,
        op_offload = 1,
        swa_full = 1,
    };

    /// <summary>Throws unless the library says it is of the release this binding declares. Asked first: it passes no struct.</summary>
    /// <exception cref="LlamaException">It is of another release.</exception>
    public static void VerifyVersion(string version)
    {
        // A development build says "0.5.0-dev", a release "0.5.0".
        if (version != Version && !version.StartsWith(Version + "-", StringComparison.Ordinal))
            throw Mismatch(version, "that is another release");
    }

    /// <summary>Throws unless the library's default parameters, read through our declarations, are the ones of that release.</summary>
    /// <exception cref="LlamaException">The default of a field differs, so the structs are laid out differently.</exception>
    public static void VerifyDefaults(string version, in llama_model_params model, in llama_context_params context)
    {
        VerifyFields(ModelDefaults, model, version);
        VerifyFields(ContextDefaults, context, version);
    }

    private static void VerifyFields<T>(T expected, T actual, string version)
        where T : unmanaged
    {
        foreach (FieldInfo field in typeof(T).GetFields())
        {
            object? want = field.GetValue(expected), got = field.GetValue(actual);
            if (!Equals(want, got))
                throw Mismatch(version, $"{typeof(T).Name}.{field.Name} defaults to {got} where {want} is expected");
        }
    }

    private static LlamaException Mismatch(string version, string why) =>
        new("llama_version", 0, $"this program is built for llama.cpp {Version}, the library found says '{version}' and {why}. Point KVNORM_LLAMA_DIR at llama.cpp {Version} libraries, or unset it.");
}
