using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace KvNorm.Runtime;

/// <summary>The functions of llama.cpp 0.5.0 that are called, as they are declared in llama.h and ggml-backend.h. No logic here.</summary>
internal static unsafe partial class LlamaNative
{
    public const string Llama = "llama";
    public const string Ggml = "ggml";
    public const string GgmlBase = "ggml-base";

    // Devices (ggml-backend.h)
    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void ggml_backend_load_all_from_path(string dir_path);

    [LibraryImport(Ggml)]
    public static partial nuint ggml_backend_dev_count();

    [LibraryImport(Ggml)]
    public static partial nint ggml_backend_dev_get(nuint index);

    [LibraryImport(GgmlBase)]
    public static partial nint ggml_backend_dev_name(nint device);

    [LibraryImport(GgmlBase)]
    public static partial nint ggml_backend_dev_description(nint device);

    // Library
    [LibraryImport(Llama)]
    public static partial nint llama_version();

    [LibraryImport(Llama)]
    public static partial void llama_backend_init();

    [LibraryImport(Llama)]
    public static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> log_callback, void* user_data);

    [LibraryImport(Llama, EntryPoint = nameof(llama_model_default_params))]
    public static partial Roomy<llama_model_params> llama_model_default_params();

    [LibraryImport(Llama, EntryPoint = nameof(llama_context_default_params))]
    public static partial Roomy<llama_context_params> llama_context_default_params();

    // Model
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_model_load_from_file(string path_model, llama_model_params parameters);

    [LibraryImport(Llama)]
    public static partial void llama_model_free(nint model);

    [LibraryImport(Llama)]
    public static partial nint llama_model_get_vocab(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_ctx_train(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_embd(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_head(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_layer(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_swa(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_rope_type(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial ulong llama_model_size(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial ulong llama_model_n_params(LlamaModelHandle model);

    [LibraryImport(Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool llama_model_has_encoder(LlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_desc(LlamaModelHandle model, byte* buf, nuint buf_size);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int llama_model_meta_val_str(LlamaModelHandle model, string key, byte* buf, nuint buf_size);

    // Vocabulary
    [LibraryImport(Llama)]
    public static partial int llama_vocab_n_tokens(LlamaVocabularyHandle vocab);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_type(LlamaVocabularyHandle vocab);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_bos(LlamaVocabularyHandle vocab);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_eos(LlamaVocabularyHandle vocab);

    [LibraryImport(Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool llama_vocab_get_add_bos(LlamaVocabularyHandle vocab);

    [LibraryImport(Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool llama_vocab_is_eog(LlamaVocabularyHandle vocab, int token);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_get_attr(LlamaVocabularyHandle vocab, int token);

    [LibraryImport(Llama)]
    public static partial int llama_tokenize(LlamaVocabularyHandle vocab, byte* text, int text_len, int* tokens, int n_tokens_max, [MarshalAs(UnmanagedType.U1)] bool add_special, [MarshalAs(UnmanagedType.U1)] bool parse_special);

    [LibraryImport(Llama)]
    public static partial int llama_token_to_piece(LlamaVocabularyHandle vocab, int token, byte* buf, int length, int lstrip, [MarshalAs(UnmanagedType.U1)] bool special);

    // Context
    [LibraryImport(Llama)]
    public static partial nint llama_init_from_model(LlamaModelHandle model, llama_context_params parameters);

    [LibraryImport(Llama)]
    public static partial void llama_free(nint ctx);

    [LibraryImport(Llama)]
    public static partial uint llama_n_ctx(LlamaContextHandle ctx);

    [LibraryImport(Llama)]
    public static partial int llama_decode(LlamaContextHandle ctx, llama_batch batch);

    [LibraryImport(Llama)]
    public static partial float* llama_get_logits_ith(LlamaContextHandle ctx, int i);

    [LibraryImport(Llama)]
    public static partial void llama_set_abort_callback(LlamaContextHandle ctx, delegate* unmanaged[Cdecl]<void*, byte> abort_callback, void* abort_callback_data);

    // Memory (the KV cache)
    [LibraryImport(Llama)]
    public static partial nint llama_get_memory(LlamaContextHandle ctx);

    [LibraryImport(Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool llama_memory_seq_rm(nint mem, int seq_id, int p0, int p1);

    [LibraryImport(Llama)]
    public static partial int llama_memory_seq_pos_min(nint mem, int seq_id);

    [LibraryImport(Llama)]
    public static partial nuint llama_state_seq_get_size(LlamaContextHandle ctx, int seq_id);

    [LibraryImport(Llama)]
    public static partial nuint llama_state_seq_get_data(LlamaContextHandle ctx, byte* dst, nuint size, int seq_id);

    [LibraryImport(Llama)]
    public static partial nuint llama_state_seq_set_data(LlamaContextHandle ctx, byte* src, nuint size, int dest_seq_id);

    // Sampling
    [LibraryImport(Llama)]
    public static partial nint llama_sampler_chain_init(llama_sampler_chain_params parameters);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_chain_add(LlamaSamplerHandle chain, nint smpl);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_free(nint smpl);

    [LibraryImport(Llama)]
    public static partial int llama_sampler_sample(LlamaSamplerHandle smpl, LlamaContextHandle ctx, int idx);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_apply(LlamaSamplerHandle smpl, llama_token_data_array* cur_p);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_accept(LlamaSamplerHandle smpl, int token);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_reset(LlamaSamplerHandle smpl);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_sampler_init_grammar(LlamaVocabularyHandle vocab, string grammar_str, string grammar_root);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_greedy();

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_dist(uint seed);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_top_k(int k);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_top_p(float p, nuint min_keep);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_mirostat_v2(uint seed, float tau, float eta);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_min_p(float p, nuint min_keep);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_typical(float p, nuint min_keep);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_temp(float t);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_penalties(int n_vocab, int penalty_last_n, float penalty_repeat, float penalty_freq, float penalty_present);
}
