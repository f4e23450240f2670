using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace KvNorm.Runtime;

/// <summary>A loaded model: its facts and its vocabulary. Safe for concurrent reads.</summary>
internal sealed unsafe class LlamaModel : IDisposable
{
    private LlamaModel(LlamaModelHandle handle, string path)
    {
        Handle = handle;
        Path = path;
        Vocabulary = new LlamaVocabulary(handle);
        Architecture = Metadata("general.architecture") ?? "unknown";
        Name = System.IO.Path.GetFileNameWithoutExtension(path); // the file's general.name is often that of a training run
    }

    public LlamaModelHandle Handle { get; }

    public string Path { get; }

    public string Name { get; }

    public string Architecture { get; }

    public LlamaVocabulary Vocabulary { get; }

    public string Description => ReadText((buffer, size) => LlamaNative.llama_model_desc(Handle, (byte*)buffer, size)) ?? "";

    public int LayerCount => LlamaNative.llama_model_n_layer(Handle);

    /// <summary>Tokens the model was trained to read at once.</summary>
    public int TrainedLength => LlamaNative.llama_model_n_ctx_train(Handle);

    /// <summary>Tokens a layer with a sliding window sees; 0 when no layer has one.</summary>
    public int SlidingWindow => LlamaNative.llama_model_n_swa(Handle);

    public RopeType RopeType => (RopeType)LlamaNative.llama_model_rope_type(Handle);

    public bool HasEncoder => LlamaNative.llama_model_has_encoder(Handle);

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => checked((long)LlamaNative.llama_model_size(Handle));

    public long ParameterCount => checked((long)LlamaNative.llama_model_n_params(Handle));

    /// <summary>Elements of one head's key.</summary>
    public int KeyLength => MetadataInt("attention.key_length") ?? LlamaNative.llama_model_n_embd(Handle) / Math.Max(1, LlamaNative.llama_model_n_head(Handle));

    /// <summary>Elements of one head's value.</summary>
    public int ValueLength => MetadataInt("attention.value_length") ?? KeyLength;

    /// <summary>Elements of a key that RoPE turns; the ones after them stay.</summary>
    public int RotatedLength => MetadataInt("rope.dimension_count") ?? KeyLength;

    /// <summary>The Jinja text of the model's chat template; null when the file has none.</summary>
    public string? ChatTemplate => Metadata("tokenizer.chat_template");

    /// <summary>Loads a GGUF file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="gpuLayers">Layers to put on a GPU; null for the library's own choice, which is all that fit.</param>
    /// <param name="progress">Told the share loaded, 0 to 1, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a GGUF file.</exception>
    /// <exception cref="LlamaException">llama.cpp refused it: the message holds its reason.</exception>
    public static LlamaModel Load(string path, int? gpuLayers = null, IProgress<float>? progress = null, CancellationToken cancellationToken = default)
    {
        GgufFile.RequireLooksValid(path);
        LlamaLibrary.EnsureLoaded();
        cancellationToken.ThrowIfCancellationRequested();

        llama_model_params parameters = LlamaNative.llama_model_default_params().Value;
        parameters.n_gpu_layers = gpuLayers ?? parameters.n_gpu_layers;
        LoadWatcher watcher = new(progress, cancellationToken);
        GCHandle self = GCHandle.Alloc(watcher);
        try
        {
            delegate* unmanaged[Cdecl]<float, void*, byte> callback = &OnProgress;
            parameters.progress_callback = (nint)callback;
            parameters.progress_callback_user_data = GCHandle.ToIntPtr(self);
            (nint pointer, string errors) = LlamaLog.WithErrors(() => LlamaNative.llama_model_load_from_file(path, parameters));
            if (pointer == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (watcher.Failure is not null)
                    throw watcher.Failure;
                throw new LlamaException(nameof(LlamaNative.llama_model_load_from_file), 0, $"'{path}' could not be loaded: {(errors.Length > 0 ? errors : "llama.cpp gave no reason")}");
            }

            LlamaModelHandle handle = new(pointer);
            try
            {
                return new LlamaModel(handle, path);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        finally
        {
            self.Free();
        }
    }

    /// <summary>The value of a metadata key as text; null when the file has no such key.</summary>
    public string? Metadata(string key) => ReadText((buffer, size) => LlamaNative.llama_model_meta_val_str(Handle, key, (byte*)buffer, size));

    public void Dispose()
    {
        Vocabulary.Dispose();
        Handle.Dispose();
    }

    private int? MetadataInt(string key) =>
        int.TryParse(Metadata($"{Architecture}.{key}"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;

    // The native getters return the length they need, or a negative number when there is no such thing, like snprintf.
    private static string? ReadText(Func<nint, nuint, int> read)
    {
        byte[] buffer = new byte[1024];
        while (true)
        {
            int length;
            fixed (byte* pointer = buffer)
                length = read((nint)pointer, (nuint)buffer.Length);
            if (length < 0)
                return null;
            if (length < buffer.Length)
                return Encoding.UTF8.GetString(buffer, 0, length);
            buffer = new byte[length + 1];
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnProgress(float share, void* userData) =>
        ((LoadWatcher)GCHandle.FromIntPtr((nint)userData).Target!).Report(share) ? (byte)1 : (byte)0;

    private sealed class LoadWatcher(IProgress<float>? progress, CancellationToken cancellationToken)
    {
        public Exception? Failure { get; private set; }

        /// <summary>False stops the load. Never throws: the caller is native.</summary>
        public bool Report(float share)
        {
            try
            {
                progress?.Report(share);
                return !cancellationToken.IsCancellationRequested;
            }
            catch (Exception e)
            {
                Failure = e;
                return false;
            }
        }
    }
}
