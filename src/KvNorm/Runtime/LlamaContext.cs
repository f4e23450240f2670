using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>How a context is made.</summary>
/// <param name="Cells">
/// Cells of each sequence, or of all together where <paramref name="Unified"/>; llama.cpp rounds up to its padding of 256.
/// </param>
/// <param name="BatchSize">The maximum number of tokens of one decode, over all sequences.</param>
/// <param name="Threads">CPU threads for decode and prefill.</param>
/// <param name="Sequences">Sequences, 1 to <see cref="LlamaContext.MaximumSequences"/>.</param>
/// <param name="QueryWindow">Of how many of each sequence's latest tokens in a decode the queries are read; 0 for none.</param>
/// <param name="Unified">
/// Whether the sequences take cells of one pool: a long one takes what the others leave, and attention runs over the cells of all.
/// </param>
internal sealed record LlamaContextSettings(
    int Cells, int BatchSize, ThreadCount Threads, int Sequences = 1, int QueryWindow = 0, bool Unified = false)
{
    /// <summary>Gets what keys and values are stored as.</summary>
    public CacheTypes Types { get; init; } = CacheTypes.Half;
}

/// <summary>
/// A llama_context with flash attention, without which values are neither kept by rows nor quantised.
/// Every sequence has cells of its own, so attention runs over no other's, unless all take cells of one pool.
/// Not safe for concurrent use. Every argument is checked here: the native asserts end the process.
/// </summary>
internal sealed unsafe class LlamaContext : IDisposable
{
    /// <summary>llama.cpp's padding of a sequence's cells.</summary>
    public const int CellPadding = 256;

    /// <summary>GGML_MAX_N_THREADS; more end the process.</summary>
    public const int MaximumThreads = 512;

    /// <summary>LLAMA_MAX_SEQ; more are refused.</summary>
    public const int MaximumSequences = 256;

    private readonly SafeLLamaContextHandle _handle;
    private readonly nint _memoryPointer; // read through Memory, which looks for disposal first
    private readonly ThreadGovernor _threads;
    private readonly bool _mayBreakOff; // else what a decode was adding to would be lost: a recurrent state cannot be taken back
    private readonly DecodeAbort _abort = new();
    private readonly DecodeThread _thread;
    private readonly DecodeThread.Job _decode;
    private int _threadsNow;
    private DecodePlan _plan; // this and what follows: of the running decode
    private CancellationToken _cancelled;
    private TimeSpan _elapsed;

    /// <summary>Makes a context.</summary>
    /// <param name="model">The model, which must outlive it.</param>
    /// <param name="settings">Its size.</param>
    /// <param name="threads">Chooses the threads of each decode; null for one by the settings.</param>
    public LlamaContext(LlamaModel model, LlamaContextSettings settings, ThreadGovernor? threads = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Cells, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads.Maximum, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Threads.Maximum, MaximumThreads);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Sequences, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Sequences, MaximumSequences);
        LLamaContextParams parameters = LLamaContextParams.Default();
        int pools = settings.Unified ? 1 : settings.Sequences;
        parameters.n_ctx = checked((uint)settings.Cells * (uint)pools);
        parameters.n_seq_max = (uint)settings.Sequences;
        parameters.n_outputs_max = (uint)settings.Sequences; // else room is made for the logits of a whole batch, often more than the cache
        parameters.n_batch = parameters.n_ubatch = (uint)settings.BatchSize;
        parameters.n_threads = parameters.n_threads_batch = _threadsNow = settings.Threads.Maximum;
        (parameters.type_k, parameters.type_v) = ((GGMLType)settings.Types.Keys, (GGMLType)settings.Types.Values);
        parameters.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_ENABLED;
        parameters.kv_unified = pools == 1; // several sequences in one pool slow each other's attention down
        parameters.swa_full = false; // the window cache recycles itself; a full one would double the memory
        if (settings.QueryWindow > 0)
        {
            Queries = new QueryReader(settings.QueryWindow, settings.Sequences, settings.Unified);
            (parameters.cb_eval, parameters.cb_eval_user_data) = (QueryReader.Callback, Queries.Address);
        }

        (SafeLLamaContextHandle handle, NativeLines lines) = LlamaLog.During(() => SafeLLamaContextHandle.Create(model.Handle, parameters));
        if (handle.IsInvalid)
        {
            model.Handle.DangerousRelease(); // LLamaSharp took a reference for a handle that, being invalid, never gives it back
            Queries?.Dispose();
            string reason = lines.ErrorsOr("llama.cpp gave no reason; is there enough memory?");
            throw new LlamaException(
                "llama_init_from_model", 0, $"no context with {pools} x {settings.Cells} cells: {reason}");
        }

        (_handle, Buffers) = (handle, lines.Buffers);
        _memoryPointer = LlamaImports.llama_get_memory(_handle);
        if (_memoryPointer == 0)
        {
            _handle.Dispose();
            Queries?.Dispose();
            throw new NotSupportedException(
                $"The model '{model.Name}' ({model.Architecture}) keeps no memory of past tokens, so it cannot chat.");
        }

        (Cells, Streams) = ((int)_handle.ContextSize / pools, pools);
        Batch = new LlamaBatch(settings.BatchSize, settings.Sequences, model.Vocabulary.Count);
        Sequences = [.. Enumerable.Range(0, settings.Sequences).Select(id => new LlamaSequence(this, id))];
        _threads = threads ?? new ThreadGovernor(settings.Threads.Maximum, settings.Threads.Minimum);
        _mayBreakOff = !model.IsRecurrent;
        _thread = DecodeThreads.OfProcess.Rent(settings.Threads.Maximum);
        _decode = new DecodeThread.Job(Compute);
        NativeApi.llama_set_abort_callback(_handle, DecodeAbort.Callback, _abort.Address);
    }

    /// <summary>Gets the cells the library made for each sequence, or for all of them in one pool, padding included.</summary>
    public int Cells { get; }

    /// <summary>Gets the pools of cells: one, or one for each sequence. A state says something of each.</summary>
    public int Streams { get; }

    public IReadOnlyList<LlamaSequence> Sequences { get; }

    /// <summary>Gets the memory that llama.cpp took for it: cells, logits, and what a decode needs.</summary>
    public IReadOnlyList<NativeBuffer> Buffers { get; }

    /// <summary>Gets what the next decode reads.</summary>
    public LlamaBatch Batch { get; }

    /// <summary>Gets the queries of the last decode; null where they are not read.</summary>
    public QueryReader? Queries { get; }

    internal SafeLLamaContextHandle Handle => _handle;

    internal nint Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _memoryPointer;
        }
    }

    /// <summary>
    /// Decodes the tokens of <see cref="Batch"/>. On failure and on cancellation some of them may be in the cache:
    /// <see cref="LlamaSequence.RemoveFrom"/> takes them out. A decode on the CPU stops in the middle when cancelled; on a GPU, and where
    /// a recurrent state would be lost, it runs to its end.
    /// </summary>
    /// <param name="cancellationToken">Stops the decode.</param>
    /// <exception cref="LlamaException">llama.cpp refused the batch.</exception>
    /// <exception cref="OperationCanceledException">The decode was cancelled.</exception>
    public void Decode(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfZero(Batch.Count);
        DecodeResult result;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            result = DecodeOnce(cancellationToken);
        }
        while (result == DecodeResult.ComputeAborted && !cancellationToken.IsCancellationRequested && TryTakeBack());

        if (result == DecodeResult.Ok && Queries?.FindProblem() is { } problem)
            throw new LlamaException(nameof(LlamaImports.llama_decode), 0, $"the queries could not be read: {problem}");
        if (result == DecodeResult.Ok)
            return;
        if (result == DecodeResult.ComputeAborted)
            throw new OperationCanceledException(cancellationToken);
        throw new LlamaException(nameof(LlamaImports.llama_decode), (int)result, result == DecodeResult.NoKvSlot
            ? $"a sequence of {Cells} cells has no room for the batch of {Batch.Count} tokens"
            : $"a batch of {Batch.Count} tokens was refused");
    }

    /// <summary>The logits of a decoded token, (vocabulary), valid until the next decode.</summary>
    /// <param name="index">
    /// Which token of the last decode, as <see cref="LlamaBatch.Add"/> numbers them; -1 for the last that has logits.
    /// </param>
    /// <exception cref="LlamaException">The last decode asked for no such logits.</exception>
    public ReadOnlySpan<float> Logits(int index = -1)
    {
        try
        {
            return _handle.GetLogitsIth(index);
        }
        catch (LLama.Exceptions.GetLogitsInvalidIndexException)
        {
            throw new LlamaException("llama_get_logits_ith", 0, $"the last decode asked for no logits of token {index}");
        }
    }

    public void Dispose()
    {
        if (_handle.IsClosed)
            return;
        _handle.Dispose();
        Queries?.Dispose();
        DecodeThreads.OfProcess.Return(_thread);
    }

    private DecodeResult DecodeOnce(CancellationToken cancellationToken)
    {
        (_plan, _cancelled) = (_threads.Plan(Batch.Count), cancellationToken);
        if (_plan.Threads != _threadsNow)
            _handle.GenerationThreads = _handle.BatchThreads = _threadsNow = _plan.Threads;
        DecodeResult result = _thread.Run(_decode);
        if (result == DecodeResult.Ok || (result == DecodeResult.ComputeAborted && !cancellationToken.IsCancellationRequested))
            _threads.Observe(_elapsed, brokenOff: result != DecodeResult.Ok);
        return result;
    }

    // On the decode thread: there llama.cpp logs, and the wait for another context's decode is over.
    private DecodeResult Compute()
    {
        (TimeSpan? limit, CancellationToken cancelled) = _mayBreakOff ? (_plan.Limit, _cancelled) : default;
        using CancellationTokenRegistration cancellation = _abort.Arm(limit, cancelled);
        // Breaking off is no error, but llama.cpp logs it as one.
        using LlamaLog.MutedErrors muted = LlamaLog.MuteErrors(limit is null ? cancelled : new CancellationToken(canceled: true));
        Queries?.Begin(Batch.Counts, Batch.SequenceOf); // every time: what a decode that was broken off has read does not count
        long start = Stopwatch.GetTimestamp();
        var result = (DecodeResult)LlamaImports.llama_decode(_handle, Batch.ToNative());
        _elapsed = Stopwatch.GetElapsedTime(start);
        return result;
    }

    // A batch of several sequences is computed in parts, of which the first ones may have got into the cache.
    private bool TryTakeBack()
    {
        for (int id = 0; id < Sequences.Count; id++)
        {
            int first = Batch.FirstPositions[id];
            if (first >= 0 && !Sequences[id].RemoveFrom(first))
                return false;
        }

        return true;
    }
}
