using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KvNorm.Runtime.Gguf;
using LLama;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>A loaded model: its facts and its vocabulary. Safe for concurrent reads.</summary>
internal sealed class LlamaModel : IDisposable
{
    private readonly bool _ownsHandle;
    private readonly Lazy<byte[]> _fingerprint;

    private LlamaModel(SafeLlamaModelHandle handle, string? path, bool ownsHandle, Lazy<byte[]> fingerprint)
    {
        (Handle, Path, _ownsHandle, _fingerprint) = (handle, path, ownsHandle, fingerprint);
        Vocabulary = new LlamaVocabulary(handle);
        Architecture = Metadata("general.architecture") ?? "unknown";
        // The file's general.name is often that of a training run, so it is taken only where there is no file.
        Name = System.IO.Path.GetFileNameWithoutExtension(path) ?? Metadata("general.name") ?? Architecture;
    }

    public SafeLlamaModelHandle Handle { get; }

    /// <summary>Gets the file; null where the application loaded the weights and did not say from which.</summary>
    public string? Path { get; }

    public string Name { get; }

    /// <summary>
    /// Gets what tells models apart, by the file as it was loaded, whatever stands in its place now; where it is not known, by this process
    /// alone.
    /// </summary>
    public byte[] Fingerprint => _fingerprint.Value;

    public string Architecture { get; }

    public LlamaVocabulary Vocabulary { get; }

    /// <summary>Gets the memory that llama.cpp took for the weights; empty where the application has loaded them.</summary>
    public IReadOnlyList<NativeBuffer> Buffers { get; private init; } = [];

    public string Description => Handle.Description;

    public int LayerCount => Handle.LayerCount;

    /// <summary>Tokens the model was trained to read at once.</summary>
    public int TrainedLength => Handle.ContextSize;

    /// <summary>Tokens a layer with a sliding window sees; 0 when no layer has one.</summary>
    public int SlidingWindow => Handle.SWACount;

    public RopeType RopeType => (RopeType)(int)Handle.RopeType;

    public bool HasEncoder => Handle.HasEncoder;

    /// <summary>Whether it fills in a whole text at once, in place of one token after the other.</summary>
    public bool IsDiffusion => Handle.IsDiffusion;

    /// <summary>Whether a layer has a state instead of cells, which cannot be taken back to an earlier token.</summary>
    public bool IsRecurrent => Handle.IsRecurrent || LlamaImports.llama_model_is_hybrid(Handle);

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => checked((long)Handle.SizeInBytes);

    public long ParameterCount => checked((long)Handle.ParameterCount);

    /// <summary>Elements of one head's key.</summary>
    public int KeyLength => MetadataInt("attention.key_length") ?? Handle.EmbeddingSize / Math.Max(1, Handle.HeadCount);

    /// <summary>Elements of one head's value.</summary>
    public int ValueLength => MetadataInt("attention.value_length") ?? KeyLength;

    /// <summary>Elements of a key that RoPE turns; the ones after them stay.</summary>
    public int RotatedLength => MetadataInt("rope.dimension_count") ?? KeyLength;

    /// <summary>The Jinja text of the model's chat template; null when the file has none.</summary>
    public string? ChatTemplate => Metadata("tokenizer.chat_template");

    /// <summary>Loads a GGUF file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="placement">Where the weights go; null for the library's own choice.</param>
    /// <param name="progress">Told the share loaded, 0 to 1, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a GGUF file, or says what cannot be.</exception>
    /// <exception cref="IOException">It was replaced or changed while it was loaded.</exception>
    /// <exception cref="LlamaException">llama.cpp refused it: the message holds its reason.</exception>
    public static LlamaModel Load(
        string path,
        WeightPlacement? placement = null,
        IProgress<float>? progress = null,
        CancellationToken cancellationToken = default)
    {
        IReadOnlyList<GgufFile> parts = GgufFile.Read(path);
        FileIdentity[] before = Identities(parts);
        byte[] fingerprint = ModelFingerprint.Of(parts);
        LlamaLibrary.EnsureLoaded();
        cancellationToken.ThrowIfCancellationRequested();

        placement ??= new WeightPlacement();
        LLamaModelParams parameters = placement.ApplyTo(LLamaModelParams.Default());
        LoadWatcher watcher = new(progress, cancellationToken);
        parameters.progress_callback = watcher.Report;
        (SafeLlamaModelHandle? handle, NativeLines lines) = LlamaLog.During(
            () => TryLoad(path, parameters, placement.Proportions(checked((int)NativeApi.llama_max_devices()))));
        GC.KeepAlive(watcher); // until now llama.cpp may call it
        if (handle is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (watcher.Failure is not null)
                throw watcher.Failure;
            string reason = lines.ErrorsOr("llama.cpp gave no reason");
            throw new LlamaException("llama_model_load_from_file", 0, $"'{path}' could not be loaded: {reason}");
        }

        try
        {
            if (!Identities(parts).SequenceEqual(before))
                throw new IOException($"The model file '{path}' was replaced or changed while it was loaded; load it again.");
            return new LlamaModel(handle, path, ownsHandle: true, new Lazy<byte[]>(fingerprint)) { Buffers = lines.Buffers };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A model over weights that the application has loaded and goes on owning: they must outlive it.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="path">The file they were loaded from; null where it is not known.</param>
    public static LlamaModel Share(LLamaWeights weights, string? path)
    {
        LlamaLibrary.EnsureLoaded();
        return new LlamaModel(weights.NativeHandle, path, ownsHandle: false, FingerprintOf(path));
    }

    /// <summary>The value of a metadata key as text; null when the file has no such key.</summary>
    public unsafe string? Metadata(string key)
    {
        int length = LlamaImports.llama_model_meta_val_str(Handle, key, null, 0);
        if (length < 0)
            return null;
        byte[] value = new byte[length + 1]; // a zero byte ends it
        fixed (byte* pointer = value)
            length = LlamaImports.llama_model_meta_val_str(Handle, key, pointer, (nuint)value.Length);
        return Encoding.UTF8.GetString(value.AsSpan(0, length));
    }

    public void Dispose()
    {
        if (_ownsHandle)
            Handle.Dispose();
    }

    private static FileIdentity[] Identities(IReadOnlyList<GgufFile> parts) => [.. parts.Select(static part => FileIdentity.Of(part.Path))];

    // Of weights that the application has loaded the path may be a name alone: then a conversation cannot be saved, but all else works.
    private static Lazy<byte[]> FingerprintOf(string? path)
    {
        if (path is null)
            return new Lazy<byte[]>(RandomNumberGenerator.GetBytes(ModelFingerprint.Length));
        return File.Exists(path)
            ? new Lazy<byte[]>(ModelFingerprint.Of(GgufFile.Read(path)))
            : new Lazy<byte[]>(() => ModelFingerprint.Of(GgufFile.Read(path)));
    }

    private int? MetadataInt(string key) =>
        int.TryParse(Metadata($"{Architecture}.{key}"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : null;

    private static unsafe SafeLlamaModelHandle? TryLoad(string path, LLamaModelParams parameters, float[] proportions)
    {
        try
        {
            fixed (float* split = proportions) // null where there are none
            {
                parameters.tensor_split = split;
                return SafeLlamaModelHandle.LoadFromFile(path, parameters);
            }
        }
        catch (LLama.Exceptions.LoadWeightsFailedException)
        {
            return null; // says the path alone; why stands in the log
        }
    }

    private sealed class LoadWatcher(IProgress<float>? progress, CancellationToken cancellationToken)
    {
        public Exception? Failure { get; private set; }

        /// <summary>False stops the load. Never throws: the caller is native.</summary>
        public bool Report(float share, nint userData)
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
