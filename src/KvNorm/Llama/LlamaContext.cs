using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KvNorm.Llama;

/// <summary>How a context is made.</summary>
/// <param name="Cells">Cells of the KV cache; llama.cpp rounds up to its padding of 256.</param>
/// <param name="BatchSize">The most tokens of one decode.</param>
/// <param name="Threads">CPU threads for decode and prefill.</param>
internal sealed record LlamaContextSettings(int Cells, int BatchSize, int Threads);

/// <summary>
/// A llama_context with one sequence (id 0), f16 keys and values and flash attention. Not safe for concurrent use.
/// Every argument is checked here: the native asserts end the process.
/// </summary>
internal sealed unsafe class LlamaContext : IDisposable
{
    /// <summary>llama.cpp's padding of the cache, in cells.</summary>
    public const int CellPadding = 256;

    /// <summary>GGML_MAX_N_THREADS; more end the process.</summary>
    public const int MostThreads = 512;

    private const int Sequence = 0;
    private const int NoSlot = 1;  // llama_decode: the cache has no room
    private const int Aborted = 2; // llama_decode: the abort callback said so

    private readonly LlamaContextHandle _handle;
    private readonly nint _memoryPointer; // read through Memory, which looks for disposal first
    private readonly int _vocabularySize;

    // Pinned for as long as the context lives, so a batch is filled without a native allocation. Lengths: BatchSize, and 1 for the last two.
    private readonly int[] _tokens, _positions, _sequenceCounts;
    private readonly nint[] _sequences;
    private readonly sbyte[] _outputs;
    private readonly int[] _sequence = GC.AllocateArray<int>(1, pinned: true);
    private readonly int[] _abort = GC.AllocateArray<int>(1, pinned: true);

    public LlamaContext(LlamaModel model, LlamaContextSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Cells, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Threads, MostThreads);
        llama_context_params parameters = LlamaNative.llama_context_default_params().Value;
        parameters.n_ctx = (uint)settings.Cells;
        parameters.n_batch = parameters.n_ubatch = (uint)settings.BatchSize;
        parameters.n_threads = parameters.n_threads_batch = settings.Threads;
        parameters.flash_attn_type = 1; // per-head work needs V by rows, which only flash attention keeps
        parameters.kv_unified = 1;
        parameters.swa_full = 0; // the window cache recycles itself; a full one would double the memory
        (nint pointer, string errors) = LlamaLog.WithErrors(() => LlamaNative.llama_init_from_model(model.Handle, parameters));
        if (pointer == 0)
            throw new LlamaException(nameof(LlamaNative.llama_init_from_model), 0, $"no context with {settings.Cells} cells: {(errors.Length > 0 ? errors : "llama.cpp gave no reason; is there enough memory?")}");

        _handle = new LlamaContextHandle(pointer, model.Handle);
        _memoryPointer = LlamaNative.llama_get_memory(_handle);
        if (_memoryPointer == 0)
        {
            _handle.Dispose();
            throw new NotSupportedException($"The model '{model.Name}' ({model.Architecture}) keeps no memory of past tokens, so it cannot chat.");
        }

        _vocabularySize = model.Vocabulary.Count;
        Cells = (int)LlamaNative.llama_n_ctx(_handle);
        BatchSize = settings.BatchSize;
        _tokens = GC.AllocateArray<int>(BatchSize, pinned: true);
        _positions = GC.AllocateArray<int>(BatchSize, pinned: true);
        _sequenceCounts = GC.AllocateArray<int>(BatchSize, pinned: true);
        _sequences = GC.AllocateArray<nint>(BatchSize, pinned: true);
        _outputs = GC.AllocateArray<sbyte>(BatchSize, pinned: true);
        Array.Fill(_sequenceCounts, 1);
        Array.Fill(_sequences, (nint)Address(_sequence));
        LlamaNative.llama_set_abort_callback(_handle, &ShouldAbort, Address(_abort));
    }

    /// <summary>Gets the cells the library made, padding included.</summary>
    public int Cells { get; }

    /// <summary>Gets the most tokens of one decode.</summary>
    public int BatchSize { get; }

    internal LlamaContextHandle Handle => _handle;

    /// <summary>
    /// Reads tokens at positions <paramref name="position"/>, position + 1, ... On failure and on cancellation some of them may be in the cache:
    /// <see cref="RemoveFrom"/> takes them out. A decode on the CPU stops in the middle when cancelled; on a GPU it runs to its end.
    /// </summary>
    /// <param name="tokens">1 to <see cref="BatchSize"/> tokens.</param>
    /// <param name="position">One more than the highest position in the cache.</param>
    /// <param name="logits">Whether the logits of the last token will be asked for.</param>
    /// <param name="cancellationToken">Stops the decode.</param>
    /// <exception cref="LlamaException">llama.cpp refused the batch.</exception>
    /// <exception cref="OperationCanceledException">The decode was cancelled.</exception>
    public void Decode(ReadOnlySpan<int> tokens, int position, bool logits, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        cancellationToken.ThrowIfCancellationRequested();
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] < 0 || tokens[i] >= _vocabularySize)
                throw new ArgumentOutOfRangeException(nameof(tokens), tokens[i], "There is no such token.");
            _tokens[i] = tokens[i];
            _positions[i] = position + i;
            _outputs[i] = 0;
        }

        _outputs[tokens.Length - 1] = logits ? (sbyte)1 : (sbyte)0;
        Volatile.Write(ref _abort[0], 0);
        int code;
        using (cancellationToken.UnsafeRegister(static flag => Volatile.Write(ref ((int[])flag!)[0], 1), _abort))
            code = LlamaNative.llama_decode(_handle, Batch(tokens.Length));
        if (code == 0)
            return;
        if (code == Aborted)
            throw new OperationCanceledException(cancellationToken);
        throw new LlamaException(nameof(LlamaNative.llama_decode), code, code == NoSlot
            ? $"the cache of {Cells} cells has no room for {tokens.Length} more"
            : $"a batch of {tokens.Length} tokens at position {position} was refused");
    }

    /// <summary>The logits of a decoded token, (vocabulary), valid until the next decode.</summary>
    /// <param name="index">Which output of the last decode; -1 for the last.</param>
    /// <exception cref="LlamaException">The last decode asked for no such logits.</exception>
    public ReadOnlySpan<float> Logits(int index = -1)
    {
        float* logits = LlamaNative.llama_get_logits_ith(_handle, index);
        if (logits is null)
            throw new LlamaException(nameof(LlamaNative.llama_get_logits_ith), 0, $"the last decode asked for no logits of output {index}");
        return new ReadOnlySpan<float>(logits, _vocabularySize);
    }

    /// <summary>Empties the cache.</summary>
    public void Clear() => LlamaNative.llama_memory_clear(Memory, data: false);

    /// <summary>Frees the cells at positions [from, to). Those in the middle leave holes.</summary>
    public void Remove(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        if (from < to && !LlamaNative.llama_memory_seq_rm(Memory, Sequence, from, to))
            throw new LlamaException(nameof(LlamaNative.llama_memory_seq_rm), 0, $"the positions {from} to {to} cannot be removed from this model's memory");
    }

    /// <summary>Frees the cells at <paramref name="position"/> and after it.</summary>
    /// <returns>False when the model's memory cannot be cut there (a recurrent state remembers what it read); it is then as before.</returns>
    public bool RemoveFrom(int position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return LlamaNative.llama_memory_seq_rm(Memory, Sequence, position, -1);
    }

    /// <summary>The lowest position that every layer still holds, -1 when there is none: a sliding window forgets what lies before it.</summary>
    public int LowestPosition() => LlamaNative.llama_memory_seq_pos_min(Memory, Sequence);

    /// <summary>Bytes of the sequence's state as it is now.</summary>
    public long StateSize() => checked((long)LlamaNative.llama_state_seq_get_size(_handle, Sequence));

    /// <summary>Copies the sequence's state out.</summary>
    public void ReadState(StateBuffer state)
    {
        state.Resize(StateSize());
        nuint written = LlamaNative.llama_state_seq_get_data(_handle, state.Pointer, (nuint)state.Length, Sequence);
        if ((long)written != state.Length)
            throw new LlamaException(nameof(LlamaNative.llama_state_seq_get_data), (int)written, $"{state.Length} bytes of state were expected");
    }

    /// <summary>Replaces the sequence by a state; its cells are packed from cell 0. On failure the sequence is empty.</summary>
    public void WriteState(StateBuffer state)
    {
        nuint read = AnnouncesNoMoreCells(state) ? LlamaNative.llama_state_seq_set_data(_handle, state.Pointer, (nuint)state.Length, Sequence) : 0;
        if (read > 0 && (long)read == state.Length)
            return;
        Clear();
        throw new LlamaException(nameof(LlamaNative.llama_state_seq_set_data), (int)read, $"a state of {state.Length} bytes was refused; the sequence is empty now");
    }

    public void Dispose() => _handle.Dispose();

    // llama.cpp reserves what the header announces before it looks whether there is as much.
    private bool AnnouncesNoMoreCells(StateBuffer state)
    {
        const int cellCountOffset = 12; // behind magic, sequence and streams
        return state.Length >= cellCountOffset + sizeof(uint)
            && BinaryPrimitives.ReadUInt32LittleEndian(state.Slice(cellCountOffset, sizeof(uint))) <= Cells;
    }

    private nint Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _memoryPointer;
        }
    }

    private llama_batch Batch(int count) => new()
    {
        n_tokens = count,
        token = Address(_tokens),
        pos = Address(_positions),
        n_seq_id = Address(_sequenceCounts),
        seq_id = (int**)Address(_sequences),
        logits = Address(_outputs),
    };

    // Only for arrays allocated as pinned.
    private static T* Address<T>(T[] pinned)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(void* flag) => Volatile.Read(ref *(int*)flag) != 0 ? (byte)1 : (byte)0;
}
