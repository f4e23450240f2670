using KvNorm.Chat.Conversations;
using KvNorm.Chat.Prompts;
using KvNorm.KvCache.Slots;

namespace KvNorm.Chat;

/// <summary>
/// Writes answers, several at a time: what all of them want decoded next goes into one batch, so a decode passes over the model's weights
/// once for all. Requests beyond the slots wait in order. One worker at a time, on the thread pool, touches the cache. It works only while
/// somebody waits for something to show: so one caller alone never competes with the decode for the cores, and what several have ready is
/// theirs to fetch.
/// </summary>
internal sealed class AnswerScheduler(SlotPool pool, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new(); // over the waiting, the errands and the worker
    private readonly List<AnswerStream> _waiting = []; // in order
    private readonly Queue<Action> _errands = [];
    private readonly AnswerBatch _batch = new(pool, time); // the worker's alone
    private readonly ManualResetEventSlim _idle = new(initialState: true); // there is no worker
    private readonly CancellationTokenSource _end = new();
    private bool _disposed;

    /// <summary>Has a request answered as soon as there is a slot, and disposes of it then; also when it throws.</summary>
    /// <param name="request">The request.</param>
    /// <param name="conversation">Its conversation, where it is kept by name; null for none.</param>
    /// <param name="cancelled">Ends the answer.</param>
    /// <exception cref="ObjectDisposedException">No more answers are written.</exception>
    public AnswerStream Add(PreparedRequest request, StoredConversation? conversation, CancellationToken cancelled)
    {
        AnswerStream stream = new(request, conversation, cancelled);
        try
        {
            lock (_gate)
            {
                RequireOpen();
                _waiting.Add(stream);
                return stream;
            }
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>Somebody waits for what comes next of an answer, or for its end.</summary>
    /// <exception cref="ObjectDisposedException">No more answers are written.</exception>
    public void Want(AnswerStream stream)
    {
        lock (_gate)
        {
            RequireOpen();
            stream.IsWanted = true;
            Start();
        }
    }

    /// <summary>Nobody wants any more of an answer, which was cancelled unless it has ended.</summary>
    public void Leave(AnswerStream stream)
    {
        if (stream.Contents.Completion.IsCompleted)
            return;
        lock (_gate)
        {
            stream.IsWanted = true; // for as long as it takes to end it
            if (!_disposed)
                Start();
        }
    }

    /// <summary>Does something with the cache between two decodes.</summary>
    /// <exception cref="ObjectDisposedException">No more is done.</exception>
    public Task<T> RunAsync<T>(Func<T> errand)
    {
        Task<T> done = new(errand, TaskCreationOptions.RunContinuationsAsynchronously); // the worker must not go on with the caller's work
        lock (_gate)
        {
            RequireOpen();
            _errands.Enqueue(() => done.RunSynchronously(TaskScheduler.Default));
            Start();
        }

        return done;
    }

    /// <summary>Takes no more requests, stops the running decode, and ends the answers that there are.</summary>
    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _end.Cancel();
        _idle.Wait();
        _batch.EndAll(static () => new OperationCanceledException());
        foreach (AnswerStream stream in _waiting.ToArray())
            Refuse(stream, new OperationCanceledException());
        _end.Dispose();
        lock (_gate)
            _idle.Dispose(); // not before the worker has left the gate
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_disposed, typeof(KvNormChatClient));

    // Within the gate. It serves all callers, so the ambient values (traces, AsyncLocal) of the one who starts it stay behind.
    private void Start()
    {
        if (!_idle.IsSet)
            return;
        _idle.Reset();
        ThreadPool.UnsafeQueueUserWorkItem(static scheduler => scheduler.Work(), this, preferLocal: false);
    }

    private void Work()
    {
        do
        {
            try
            {
                RunErrands();
                EndCancelled();
                if (!IsWanted())
                    continue;
                Admit();
                _batch.Step(_end.Token);
            }
            catch (Exception e)
            {
                _batch.Abandon(e); // nobody may be left waiting for a worker that has gone
            }
        }
        while (GoesOn());
    }

    private bool IsWanted()
    {
        lock (_gate)
            return IsWantedNow();
    }

    // Whatever is asked for after the gate is left starts another worker.
    private bool GoesOn()
    {
        lock (_gate)
        {
            bool goesOn = _errands.Count > 0 || IsWantedNow();
            if (!goesOn)
                _idle.Set();
            return goesOn;
        }
    }

    private bool IsWantedNow() =>
        !_disposed && (_batch.IsWanted || _waiting.Exists(static stream => stream.IsWanted));

    private void RunErrands()
    {
        while (true)
        {
            Action? errand;
            lock (_gate)
            {
                if (!_errands.TryDequeue(out errand))
                    return;
            }

            EndCancelled(); // an errand may be about a conversation whose answer was given up before
            errand();
        }
    }

    private void EndCancelled()
    {
        _batch.EndCancelled();
        while (FirstWaiting(static stream => stream.Cancelled.IsCancellationRequested) is { } stream)
            Refuse(stream, new OperationCanceledException(stream.Cancelled));
    }

    private AnswerStream? FirstWaiting(Predicate<AnswerStream> which)
    {
        lock (_gate)
            return _waiting.Find(which);
    }

    // In order: the first that waits is the next, whoever else could begin before it.
    private void Admit()
    {
        while (pool.HasFree && FirstWaiting(static _ => true) is { } stream)
        {
            try
            {
                Prompt prompt = stream.Request.Prompt;
                if (_batch.WillHold(prompt.Tokens) || !pool.HasRoomFor(prompt.Tokens, prompt.SystemEnd, stream.Conversation?.Id))
                    return;
                _batch.Begin(stream);
                lock (_gate)
                    _waiting.Remove(stream);
            }
            catch (Exception e)
            {
                Refuse(stream, e);
            }
        }
    }

    private void Refuse(AnswerStream stream, Exception failure)
    {
        lock (_gate)
            _waiting.Remove(stream);
        stream.Fail(failure);
        stream.Request.Dispose();
    }
}
