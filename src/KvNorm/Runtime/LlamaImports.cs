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

    /// <summary>The handle of libllama that LLamaSharp has loaded; 0 before.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "_loadedLlamaHandle")]
    public static extern ref nint LoadedLlama([UnsafeAccessorType("LLama.Native.NativeApi, LLamaSharp")] object? type);

    /// <summary>The handle of libggml-base that LLamaSharp has loaded; 0 before.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "LoadedGgmlBaseHandle")]
    public static extern ref nint LoadedGgmlBase([UnsafeAccessorType("LLama.Native.NativeLibraryUtils, LLamaSharp")] object? type);

    /// <summary>The application's own log callback, where it has set one through LLamaSharp.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "_currentLogCallbackHandle")]
    public static extern ref GCHandle? LogCallback([UnsafeAccessorType("LLama.Native.NativeLogConfig, LLamaSharp")] object? type);

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
