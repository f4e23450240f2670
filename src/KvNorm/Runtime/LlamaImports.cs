using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>
/// The functions of llama.cpp that LLamaSharp 0.30 lacks, hides or gets wrong, each with its reason, and nothing else.
/// They resolve to the libraries that LLamaSharp has loaded (<see cref="LlamaLibrary"/>). No logic here.
/// </summary>
internal static unsafe partial class LlamaImports
{
    public const string Llama = "llama";
    public const string GgmlBase = "ggml-base";

    /// <summary>LLamaSharp's structs are read out of this only after the library's own have been compared with them.</summary>
    [LibraryImport(Llama)]
    public static partial Roomy llama_model_default_params();

    /// <inheritdoc cref="llama_model_default_params"/>
    [LibraryImport(Llama)]
    public static partial Roomy llama_context_default_params();

    /// <summary>
    /// SafeLLamaContextHandle.Decode holds one lock for the whole process, so that two clients on two devices would wait for each other.
    /// No LibraryImport: that wants to know the struct's fields, which are LLamaSharp's.
    /// </summary>
    [DllImport(Llama)]
    public static extern int llama_decode(SafeLLamaContextHandle ctx, LLamaNativeBatch batch);

    /// <summary>
    /// Private in LLamaSharp; NativeApi.llama_memory_seq_rm, which unlike MemorySequenceRemove hands the refusal on, wants it.
    /// </summary>
    [LibraryImport(Llama)]
    public static partial nint llama_get_memory(SafeLLamaContextHandle ctx);

    /// <summary>Missing: SafeLlamaModelHandle knows recurrent models, not those with recurrent layers beside attention.</summary>
    [LibraryImport(Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool llama_model_is_hybrid(SafeLlamaModelHandle model);

    /// <summary>
    /// MetadataValueByKey does not end the key with a zero byte, so it finds a key only where one happens to lie behind it.
    /// </summary>
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int llama_model_meta_val_str(SafeLlamaModelHandle model, string key, byte* buf, nuint buf_size);

    /// <summary>Private in LLamaSharp; a grammar is made for a vocabulary.</summary>
    [LibraryImport(Llama)]
    public static partial nint llama_model_get_vocab(SafeLlamaModelHandle model);

    /// <summary>
    /// AddGrammar adds what this gives without a look: null where the grammar is refused. And it hands the text on in the code page of
    /// Windows.
    /// </summary>
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_sampler_init_grammar(nint vocab, string grammar_str, string grammar_root);

    /// <summary>Private in LLamaSharp; puts that grammar into a chain of LLamaSharp's, which owns it then.</summary>
    [LibraryImport(Llama)]
    public static partial void llama_sampler_chain_add(SafeLLamaSamplerChainHandle chain, nint smpl);

    /// <summary>Missing: LLamaSharp has a device's name alone.</summary>
    [LibraryImport(GgmlBase)]
    public static partial nint ggml_backend_dev_description(nint device);

    /// <summary>Missing: what a device has left.</summary>
    [LibraryImport(GgmlBase)]
    public static partial void ggml_backend_dev_memory(nint device, out nuint free, out nuint total);

    /// <summary>Missing, as all of ggml's tensors: this and the next five make some whose layout is then looked at.</summary>
    [LibraryImport(GgmlBase)]
    public static partial nint ggml_init(GgmlInitParameters parameters);

    /// <inheritdoc cref="ggml_init"/>
    [LibraryImport(GgmlBase)]
    public static partial void ggml_free(nint ctx);

    /// <inheritdoc cref="ggml_init"/>
    [LibraryImport(GgmlBase)]
    public static partial GgmlTensor* ggml_new_tensor_4d(nint ctx, int type, long ne0, long ne1, long ne2, long ne3);

    /// <inheritdoc cref="ggml_init"/>
    [LibraryImport(GgmlBase)]
    public static partial GgmlTensor* ggml_view_4d(
        nint ctx, GgmlTensor* a, long ne0, long ne1, long ne2, long ne3, nuint nb1, nuint nb2, nuint nb3, nuint offset);

    /// <inheritdoc cref="ggml_init"/>
    [LibraryImport(GgmlBase, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ggml_set_name(GgmlTensor* tensor, string name);

    /// <inheritdoc cref="ggml_init"/>
    [LibraryImport(GgmlBase)]
    public static partial GgmlTensor* ggml_flash_attn_ext(
        nint ctx, GgmlTensor* q, GgmlTensor* k, GgmlTensor* v, nint mask, float scale, float max_bias, float logit_softcap);

    /// <summary>Missing: the name of what a tensor is computed by.</summary>
    [LibraryImport(GgmlBase)]
    public static partial nint ggml_op_desc(GgmlTensor* t);

    /// <summary>Missing: copies a tensor's data to the host, wherever it lies.</summary>
    [LibraryImport(GgmlBase)]
    public static partial void ggml_backend_tensor_get(GgmlTensor* tensor, void* data, nuint offset, nuint size);

    /// <summary>The handle of libllama that LLamaSharp has loaded; 0 before.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "_loadedLlamaHandle")]
    public static extern ref nint LoadedLlama([UnsafeAccessorType("LLama.Native.NativeApi, LLamaSharp")] object? type);

    /// <summary>The handle of libggml-base that LLamaSharp has loaded; 0 before.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "LoadedGgmlBaseHandle")]
    public static extern ref nint LoadedGgmlBase([UnsafeAccessorType("LLama.Native.NativeLibraryUtils, LLamaSharp")] object? type);

    /// <summary>The application's own log callback, where it has set one through LLamaSharp.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "_currentLogCallbackHandle")]
    public static extern ref GCHandle? LogCallback([UnsafeAccessorType("LLama.Native.NativeLogConfig, LLamaSharp")] object? type);

    /// <summary>ggml_init_params.</summary>
    public struct GgmlInitParameters
    {
        public nuint Size;
        public nint Memory;
        public byte NoAllocation;
    }

    /// <summary>
    /// Room for a struct returned by value: a library whose struct is larger than LLamaSharp's writes into the spare bytes, not over the
    /// stack.
    /// </summary>
    [StructLayout(LayoutKind.Sequential, Size = 512)]
    public struct Roomy
    {
        private const DynamicallyAccessedMemberTypes Constructors =
            DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.NonPublicConstructors;

        private byte _first;

        /// <summary>The struct at the beginning of the room.</summary>
        public readonly T As<[DynamicallyAccessedMembers(Constructors)] T>()
            where T : struct
        {
            fixed (byte* first = &_first)
                return Marshal.PtrToStructure<T>((nint)first);
        }
    }
}
