using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>How a context is made.</summary>
/// <param name="Cells">Cells of each sequence; llama.cpp rounds up to its padding of 256.</param>
/// <param name="BatchSize">The most tokens of one decode, over all sequences.</param>
/// <param name="Threads">CPU threads for decode and prefill.</param>
/// <param name="Sequences">Sequences, 1 to <see cref="LlamaContext.MostSequences"/>.</param>
internal sealed record LlamaContextSettings(int Cells, int BatchSize, int Threads, int Sequences = 1);

/// <summary>
/// A llama_context with f16 keys and values and flash attention. Every sequence has cells of its own, so attention runs over no other's.
/// Not safe for concurrent use. Every argument is checked here: the native asserts end the process.
/// </summary>
internal sealed unsafe class LlamaContext : IDisposable
{
    /// <summary>llama.cpp's padding of a sequence's cells.</summary>
    public const int CellPadding = 256;

    /// <summary>GGML_MAX_N_THREADS; more end the process.</summary>
    public const int MostThreads = 512;

    /// <summary>LLAMA_MAX_SEQ; more are refused.</summary>
    public const int MostSequences = 256;

    private const int NoSlot = 1;  // llama_decode: the cache has no room
    private const int Aborted = 2; // llama_decode: the abort callback said so

    private readonly LlamaContextHandle _handle;
    private readonly nint _memoryPointer; // read through Memory, which looks for disposal first
    private readonly int _vocabularySize;
    private readonly int[] _abort = GC.AllocateArray<int>(1, pinned: true); // for as long as the context lives

    public LlamaContext(LlamaModel model, LlamaContextSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Cells, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Threads, MostThreads);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Sequences, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Sequences, MostSequences);
        llama_context_params parameters = LlamaNative.llama_context_default_params().Value;
        parameters.n_ctx = checked((uint)settings.Cells * (uint)settings.Sequences);
        parameters.n_seq_max = (uint)settings.Sequences;
        parameters.n_batch = parameters.n_ubatch = (uint)settings.BatchSize;
        parameters.n_threads = parameters.n_threads_batch = settings.Threads;
        parameters.flash_attn_type = 1; // per-head work needs V by rows, which only flash attention keeps
        parameters.kv_unified = settings.Sequences == 1 ? (byte)1 : (byte)0; // several sequences in one pool of cells would slow each other's attention down
        parameters.swa_full = 0; // the window cache recycles itself; a full one would double the memory
        (nint pointer, string errors) = LlamaLog.WithErrors(() => LlamaNative.llama_init_from_model(model.Handle, parameters));
        if (pointer == 0)
            throw new LlamaException(nameof(LlamaNative.llama_init_from_model), 0, $"no context with {settings.Sequences} x {settings.Cells} cells: {(errors.Length > 0 ? errors : "llama.cpp gave no reason; is there enough memory?")}");

        _handle = new LlamaContextHandle(pointer, model.Handle);
        _memoryPointer = LlamaNative.llama_get_memory(_handle);
        if (_memoryPointer == 0)
        {
            _handle.Dispose();
            throw new NotSupportedException($"The model '{model.Name}' ({model.Architecture}) keeps no memory of past tokens, so it cannot chat.");
        }

        _vocabularySize = model.Vocabulary.Count;
        Cells = (int)LlamaNative.llama_n_ctx(_handle) / settings.Sequences;
        Batch = new LlamaBatch(settings.BatchSize, settings.Sequences, _vocabularySize);
        Sequences = [.. Enumerable.Range(0, settings.Sequences).Select(id => new LlamaSequence(this, id))];
        LlamaNative.llama_set_abort_callback(_handle, &ShouldAbort, (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_abort)));
    }

    /// <summary>Gets the cells the library made for each sequence, padding included.</summary>
    public int Cells { get; }

    public IReadOnlyList<LlamaSequence> Sequences { get; }

    /// <summary>Gets what the next decode reads.</summary>
    public LlamaBatch Batch { get; }

    internal LlamaContextHandle Handle => _handle;

    internal nint Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _memoryPointer;
        }
    }

    /// <summary>
    /// Reads the tokens of <see cref="Batch"/>. On failure and on cancellation some of them may be in the cache:
    /// <see cref="LlamaSequence.RemoveFrom"/> takes them out. A decode on the CPU stops in the middle when cancelled; on a GPU it runs to its end.
    /// </summary>
    /// <param name="cancellationToken">Stops the decode.</param>
    /// <exception cref="LlamaException">llama.cpp refused the batch.</exception>
    /// <exception cref="OperationCanceledException">The decode was cancelled.</exception>
    public void Decode(CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(Batch.Count);
        cancellationToken.ThrowIfCancellationRequested();
        Volatile.Write(ref _abort[0], 0);
        int code;
        using (cancellationToken.UnsafeRegister(static flag => Volatile.Write(ref ((int[])flag!)[0], 1), _abort))
            code = LlamaNative.llama_decode(_handle, Batch.ToNative());
        if (code == 0)
            return;
        if (code == Aborted)
            throw new OperationCanceledException(cancellationToken);
        throw new LlamaException(nameof(LlamaNative.llama_decode), code, code == NoSlot
            ? $"a sequence of {Cells} cells has no room for the batch of {Batch.Count} tokens"
            : $"a batch of {Batch.Count} tokens was refused");
    }

    /// <summary>The logits of a decoded token, (vocabulary), valid until the next decode.</summary>
    /// <param name="index">Which token of the last decode, as <see cref="LlamaBatch.Add"/> numbers them; -1 for the last that has logits.</param>
    /// <exception cref="LlamaException">The last decode asked for no such logits.</exception>
    public ReadOnlySpan<float> Logits(int index = -1)
    {
        float* logits = LlamaNative.llama_get_logits_ith(_handle, index);
        if (logits is null)
            throw new LlamaException(nameof(LlamaNative.llama_get_logits_ith), 0, $"the last decode asked for no logits of token {index}");
        return new ReadOnlySpan<float>(logits, _vocabularySize);
    }

    public void Dispose() => _handle.Dispose();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(void* flag) => Volatile.Read(ref *(int*)flag) != 0 ? (byte)1 : (byte)0;
}
