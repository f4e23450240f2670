using System.Reflection;
using System.Runtime.InteropServices;
using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaAbiTests
{
    private static readonly (string Field, int Offset)[] ModelOffsets =
    [
        ("devices", 0), ("tensor_buft_overrides", 8), ("n_gpu_layers", 16), ("split_mode", 20), ("load_mode", 24), ("lazy_mode", 28), ("main_gpu", 32), ("tensor_split", 40),
        ("progress_callback", 48), ("progress_callback_user_data", 56), ("kv_overrides", 64), ("vocab_only", 72), ("check_tensors", 73), ("use_extra_bufts", 74), ("no_host", 75),
        ("no_alloc", 76), ("load_mtp", 77),
    ];

    private static readonly (string Field, int Offset)[] ContextOffsets =
    [
        ("n_ctx", 0), ("n_batch", 4), ("n_ubatch", 8), ("n_seq_max", 12), ("n_rs_seq", 16), ("n_outputs_max", 20), ("n_outputs_max_per_seq", 24), ("n_threads", 28),
        ("n_threads_batch", 32), ("ctx_type", 36), ("rope_scaling_type", 40), ("pooling_type", 44), ("attention_type", 48), ("flash_attn_type", 52), ("rope_freq_base", 56),
        ("rope_freq_scale", 60), ("yarn_ext_factor", 64), ("yarn_attn_factor", 68), ("yarn_beta_fast", 72), ("yarn_beta_slow", 76), ("yarn_orig_ctx", 80), ("defrag_thold", 84),
        ("cb_eval", 88), ("cb_eval_user_data", 96), ("type_k", 104), ("type_v", 108), ("abort_callback", 112), ("abort_callback_data", 120), ("embeddings", 128),
        ("offload_kqv", 129), ("no_perf", 130), ("op_offload", 131), ("swa_full", 132), ("kv_unified", 133), ("samplers", 136), ("n_samplers", 144), ("ctx_other", 152),
    ];

    public static TheoryData<string> ModelFields() => new(ModelOffsets.Select(static row => row.Field));

    public static TheoryData<string> ContextFields() => new(ContextOffsets.Select(static row => row.Field));

    [Fact]
    public void Structs_OfThisRelease_HaveItsSizes()
    {
        Assert.Equal(80, Marshal.SizeOf<llama_model_params>());
        Assert.Equal(160, Marshal.SizeOf<llama_context_params>());
        Assert.Equal(56, Marshal.SizeOf<llama_batch>());
    }

    [Fact]
    public void Structs_OfThisRelease_HaveItsOffsets()
    {
        Assert.Equal(ModelOffsets, Offsets<llama_model_params>());
        Assert.Equal(ContextOffsets, Offsets<llama_context_params>());
        Assert.Equal([("n_tokens", 0), ("token", 8), ("embd", 16), ("pos", 24), ("n_seq_id", 32), ("seq_id", 40), ("logits", 48)], Offsets<llama_batch>());
    }

    [Theory]
    [InlineData("0.5.0")]
    [InlineData("0.5.0-dev")]
    public void VerifyVersion_ThisRelease_Passes(string version) => Assert.Null(Record.Exception(() => LlamaAbi.VerifyVersion(version)));

    [Theory]
    [InlineData("0.4.9")]
    [InlineData("0.5.1")]
    [InlineData("0.5.01")]
    [InlineData("0.5")]
    [InlineData("10.5.0")]
    [InlineData("no version")]
    [InlineData("")]
    public void VerifyVersion_AnotherRelease_NamesBoth(string version)
    {
        LlamaException exception = Assert.Throws<LlamaException>(() => LlamaAbi.VerifyVersion(version));
        Assert.Contains($"llama.cpp {LlamaAbi.Version}", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{version}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VerifyDefaults_DefaultsOfTheLoadedLibrary_Pass()
    {
        LlamaLibrary.EnsureLoaded();
        Assert.Null(Record.Exception(static () => LlamaAbi.VerifyDefaults(
            LlamaLibrary.Version,
            LlamaNative.llama_model_default_params().Value,
            LlamaNative.llama_context_default_params().Value)));
    }

    [Theory]
    [MemberData(nameof(ModelFields))]
    public void VerifyDefaults_ModelFieldDiffers_NamesFieldAndBothVersions(string field)
    {
        llama_model_params changed = Changed(LlamaAbi.ModelDefaults, field);
        LlamaException exception = Assert.Throws<LlamaException>(() => LlamaAbi.VerifyDefaults("9.9.9", changed, LlamaAbi.ContextDefaults));
        AssertNames(exception, $"llama_model_params.{field} ");
    }

    [Theory]
    [MemberData(nameof(ContextFields))]
    public void VerifyDefaults_ContextFieldDiffers_NamesFieldAndBothVersions(string field)
    {
        llama_context_params changed = Changed(LlamaAbi.ContextDefaults, field);
        LlamaException exception = Assert.Throws<LlamaException>(() => LlamaAbi.VerifyDefaults("9.9.9", LlamaAbi.ModelDefaults, changed));
        AssertNames(exception, $"llama_context_params.{field} ");
    }

    private static void AssertNames(LlamaException exception, string field)
    {
        Assert.Contains(field, exception.Message, StringComparison.Ordinal);
        Assert.Contains("'9.9.9'", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"llama.cpp {LlamaAbi.Version}", exception.Message, StringComparison.Ordinal);
    }

    private static (string Field, int Offset)[] Offsets<T>() =>
        [.. typeof(T).GetFields().Select(static field => (field.Name, (int)Marshal.OffsetOf<T>(field.Name)))];

    private static T Changed<T>(T defaults, string name)
        where T : unmanaged
    {
        object boxed = defaults;
        FieldInfo field = typeof(T).GetField(name)!;
        field.SetValue(boxed, field.GetValue(boxed) switch
        {
            byte value => (byte)(value ^ 1),
            int value => value + 1,
            uint value => value + 1,
            float value => value + 1,
            nint value => value + 1,
            nuint value => (object)(value + 1),
            object other => throw new NotSupportedException($"{name} is a {other.GetType()}"),
            null => throw new NotSupportedException(name),
        });
        return (T)boxed;
    }
}
