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
    /// <summary>Tokens of a prompt prefilled in one go while others are being answered: they wait for no more than this.</summary>
    private const int SharedChunk = 128;

    /// <summary>So many tokens of a prompt in common with one that is being prefilled are worth waiting for.</summary>
    private const int WorthWaiting = 32;

    private readonly Lock _gate = new(); // over the waiting, the errands and the worker
    private readonly List<AnswerStream> _waiting = []; // in order
    private readonly Queue<Action> _errands = [];
    private readonly List<Answer> _active = [];  // the worker's alone, as the next
    private readonly List<Answer> _ready = [];   // those that a token can be sampled for after this decode
    private readonly SlotUse?[] _uses = new SlotUse?[pool.Slots.Count]; // written by the worker
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = pool.Plan.Threads };
    private Task _worker = Task.CompletedTask;
    private bool _works, _disposed;

    /// <summary>Has a request answered as soon as there is a slot, and disposes of it then; also when it throws.</summary>
    /// <param name="request">The request.</param>
    /// <param name="conversationId">The name of its conversation; null for none.</param>
    /// <param name="cancelled">Ends the answer.</param>
    /// <exception cref="ObjectDisposedException">No more answers are written.</exception>
    public AnswerStream Add(PreparedRequest request, string? conversationId, CancellationToken cancelled)
    {
        AnswerStream stream = new(request, conversationId, cancelled);
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

    /// <summary>Who used a slot last; null for nobody.</summary>
    public SlotUse? UseOf(Slot slot) => Volatile.Read(ref _uses[slot.Sequence.Id]);

    /// <summary>A conversation uses a slot now. The worker's alone.</summary>
    public void Use(Slot slot, string? conversationId) =>
        Volatile.Write(ref _uses[slot.Sequence.Id], new SlotUse(conversationId, time.GetUtcNow()));

    /// <summary>Takes no more requests, waits for the running decode, and ends the answers that there are.</summary>
    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _worker.Wait();
        EndAll(static () => new OperationCanceledException());
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_disposed, typeof(KvNormChatClient));

    // Within the gate.
    private void Start()
    {
        if (_works)
            return;
        _works = true;
        _worker = Task.Factory.StartNew(
            static scheduler => ((AnswerScheduler)scheduler!).Work(),
            this,
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);
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
                Step();
            }
            catch (Exception e)
            {
                Abandon(e); // nobody may be left waiting for a worker that has gone
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
            return _works = _errands.Count > 0 || IsWantedNow();
    }

    private bool IsWantedNow() =>
        !_disposed && (_active.Exists(static answer => answer.Stream.IsWanted) || _waiting.Exists(static stream => stream.IsWanted));

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

            errand();
        }
    }

    private void EndCancelled()
    {
        while (_active.Find(static answer => answer.Stream.Cancelled.IsCancellationRequested) is { } answer)
            End(answer, new OperationCanceledException(answer.Stream.Cancelled));
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
                int[] prompt = stream.Request.Prompt.Tokens;
                if (WillBeKnown(prompt))
                    return;
                Begin(stream, pool.Take(prompt));
            }
            catch (Exception e)
            {
                Refuse(stream, e);
            }
        }
    }

    private void Begin(AnswerStream stream, Slot slot)
    {
        try
        {
            _active.Add(new Answer(stream, slot));
        }
        catch
        {
            pool.Release(slot);
            throw;
        }

        _active.Sort(static (one, other) => one.Slot.Sequence.Id - other.Slot.Sequence.Id);
        Use(slot, stream.ConversationId);
        lock (_gate)
            _waiting.Remove(stream);
    }

    // Two conversations that begin in the same way at the same time: the second waits until the first has prefilled what they share.
    private bool WillBeKnown(int[] prompt)
    {
        int known = pool.ReusableLength(prompt);
        return _active.Exists(other => other.WillHold(prompt) >= known + WorthWaiting);
    }

    private void Step()
    {
        pool.Context.Batch.Clear();
        Stage();
        if (pool.Context.Batch.Count > 0 && Decode())
            Sample();
    }

    // A token for each answer, and equal parts of the prompts in the room beside. In the order of the sequences, since llama.cpp computes
    // only those together that follow each other by number.
    private void Stage()
    {
        int prefilling = _active.Count(static answer => answer.IsPrefilling);
        int room = pool.Context.Batch.Capacity - (_active.Count - prefilling);
        int maximum = _active.Count > 1 ? Math.Min(SharedChunk, room / Math.Max(1, prefilling)) : int.MaxValue;
        foreach (Answer answer in _active.ToArray())
        {
            try
            {
                answer.Stage(maximum);
            }
            catch (Exception e)
            {
                End(answer, e);
            }
        }
    }

    private bool Decode()
    {
        try
        {
            pool.Context.Decode(_active.Count == 1 ? _active[0].Stream.Cancelled : CancellationToken.None);
            return true;
        }
        catch (Exception e)
        {
            foreach (Answer answer in _active.Where(static answer => answer.IsStaged).ToArray())
            {
                answer.Rollback();
                End(answer, e);
            }

            return false;
        }
    }

    // Every answer has a sampler of its own, and sampling from a vocabulary takes long enough to be shared among the cores.
    private void Sample()
    {
        _ready.Clear();
        foreach (Answer answer in _active)
        {
            if (answer.IsStaged && answer.Commit())
                _ready.Add(answer);
        }

        if (_ready.Count > 1)
        {
            pool.Context.Logits(); // llama.cpp puts the outputs in order when they are first asked for; after that they are only read
            Parallel.ForEach(_ready, _parallel, answer => answer.Sample(pool.Context));
        }
        else if (_ready.Count == 1)
        {
            _ready[0].Sample(pool.Context);
        }

        foreach (Answer answer in _ready)
            Take(answer);
    }

    private void Take(Answer answer)
    {
        try
        {
            if (answer.Take(pool.Plan.Model.Vocabulary) is not { } result)
                return;
            GiveBack(answer);
            answer.Stream.Complete(result); // last: the caller may come back at once, and finds the slot free
        }
        catch (Exception e)
        {
            End(answer, e);
        }
    }

    // Something failed that is no answer's own doing. What the slots in use hold is in doubt.
    private void Abandon(Exception e)
    {
        foreach (Answer answer in _active.ToArray())
        {
            Exception failure = e;
            try
            {
                answer.Slot.Clear();
            }
            catch (Exception other)
            {
                failure = new AggregateException(e, other);
            }

            End(answer, failure);
        }
    }

    private void EndAll(Func<Exception> failure)
    {
        foreach (Answer answer in _active.ToArray())
            End(answer, failure());
        foreach (AnswerStream stream in _waiting.ToArray())
            Refuse(stream, failure());
    }

    private void End(Answer answer, Exception failure)
    {
        GiveBack(answer);
        answer.Stream.Fail(failure);
    }

    private void GiveBack(Answer answer)
    {
        if (!_active.Remove(answer))
            return; // an answer that failed after its end
        Use(answer.Slot, answer.Stream.ConversationId);
        pool.Release(answer.Slot);
        answer.Stream.Request.Dispose();
    }

    private void Refuse(AnswerStream stream, Exception failure)
    {
        lock (_gate)
            _waiting.Remove(stream);
        stream.Fail(failure);
        stream.Request.Dispose();
    }
}
