using KvNorm.KvCache.Slots;

namespace KvNorm.Chat;

/// <summary>
/// Writes answers, several at a time: what all of them want read next goes into one batch, so a decode passes over the model's weights once for all.
/// Answers beyond the slots wait in order. One worker at a time, on the thread pool, touches the cache. It works only while somebody waits for
/// something to show: so one caller alone never competes with the decode for the cores, and what several have ready is theirs to fetch.
/// </summary>
internal sealed class AnswerScheduler(SlotPool pool) : IDisposable
{
    /// <summary>Tokens of a prompt read in one go while others are being answered: they wait for no more than this.</summary>
    private const int SharedChunk = 128;

    /// <summary>So many tokens of a prompt in common with one that is being read are worth waiting for.</summary>
    private const int WorthWaiting = 32;

    private readonly Lock _gate = new(); // over the waiting and the worker
    private readonly List<Answer> _waiting = []; // in order
    private readonly Queue<Action> _errands = [];
    private readonly List<Answer> _active = [];  // the worker's alone, as the next
    private readonly List<Answer> _ready = [];   // those that a token can be drawn for after this decode
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = pool.Plan.Threads };
    private Task _worker = Task.CompletedTask;
    private bool _works, _disposed;

    /// <summary>Has an answer written as soon as there is a slot. It is disposed of when it has ended.</summary>
    /// <exception cref="ObjectDisposedException">No more answers are written.</exception>
    public void Add(Answer answer)
    {
        lock (_gate)
        {
            Start();
            _waiting.Add(answer);
        }
    }

    /// <summary>Somebody waits for what comes next of an answer, or for its end.</summary>
    /// <exception cref="ObjectDisposedException">No more answers are written.</exception>
    public void Want(Answer answer)
    {
        lock (_gate)
        {
            Start();
            answer.IsWanted = true;
        }
    }

    /// <summary>Nobody wants any more of an answer, which was cancelled unless it has ended.</summary>
    public void Leave(Answer answer)
    {
        if (answer.Contents.Completion.IsCompleted)
            return;
        lock (_gate)
        {
            answer.IsWanted = true; // for as long as it takes to end it
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
            Start();
            _errands.Enqueue(() => done.RunSynchronously(TaskScheduler.Default));
        }

        return done;
    }

    /// <summary>Takes no more answers and waits until those there are have ended: they must have been cancelled.</summary>
    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _worker.Wait();
        while (_active.Count + _waiting.Count > 0)
            End(_active.Count > 0 ? _active[0] : _waiting[0], new OperationCanceledException()); // nobody waited for these
    }

    private void Start()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(KvNormChatClient));
        if (_works)
            return;
        _works = true;
        _worker = Task.Factory.StartNew(static scheduler => ((AnswerScheduler)scheduler!).Work(), this, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }

    private void Work()
    {
        while (HasWork())
        {
            try
            {
                RunErrands();
                DropCancelled();
                Admit();
                Step();
            }
            catch (Exception e)
            {
                Abandon(e); // no call may be left waiting for a worker that has gone
            }
        }
    }

    // Something failed that is no answer's own doing. What the slots in use hold is in doubt.
    private void Abandon(Exception e)
    {
        foreach (Answer answer in _active.ToArray())
        {
            answer.Cache!.Clear();
            End(answer, e);
        }
    }

    private bool HasWork()
    {
        lock (_gate)
            return _works = _errands.Count > 0 || _active.Exists(static answer => answer.IsWanted) || _waiting.Exists(static answer => answer.IsWanted);
    }

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

    private void DropCancelled()
    {
        while (FirstCancelled() is { } answer)
            End(answer, new OperationCanceledException(answer.Cancelled));
    }

    private Answer? FirstCancelled()
    {
        lock (_gate)
            return _active.Find(static answer => answer.Cancelled.IsCancellationRequested) ?? _waiting.Find(static answer => answer.Cancelled.IsCancellationRequested);
    }

    private void Admit()
    {
        while (pool.HasFree && FirstWaiting() is { } answer)
        {
            try
            {
                answer.Encode();
                if (WillBeKnown(answer.PromptTokens))
                    return;
                answer.Begin(pool.Take(answer.PromptTokens));
                lock (_gate)
                    _waiting.Remove(answer);
                _active.Add(answer);
                _active.Sort(static (one, other) => one.Cache!.Sequence.Id - other.Cache!.Sequence.Id);
            }
            catch (Exception e)
            {
                End(answer, e);
            }
        }
    }

    private Answer? FirstWaiting()
    {
        lock (_gate)
            return _waiting.Count > 0 ? _waiting[0] : null;
    }

    // Two conversations that begin in the same way at the same time: the second waits until the first has read what they share.
    private bool WillBeKnown(ReadOnlySpan<int> prompt)
    {
        int known = pool.ReusableLength(prompt);
        foreach (Answer other in _active)
        {
            if (other.WillHold(prompt) >= known + WorthWaiting)
                return true;
        }

        return false;
    }

    private void Step()
    {
        pool.Context.Batch.Clear();
        Stage();
        if (pool.Context.Batch.Count > 0 && Decode())
            Draw();
    }

    // A token for each answer, and equal parts of the prompts in the room beside. In the order of the sequences, since llama.cpp
    // computes only those together that follow each other by number.
    private void Stage()
    {
        int reading = _active.Count(static answer => answer.IsReading), room = pool.Context.Batch.Capacity - _active.Count + reading;
        int most = _active.Count > 1 ? Math.Min(SharedChunk, room / Math.Max(1, reading)) : int.MaxValue;
        for (int i = 0; i < _active.Count;)
        {
            Answer answer = _active[i];
            try
            {
                answer.Stage(most);
                i++;
            }
            catch (Exception e)
            {
                End(answer, e); // which takes it out of the list
            }
        }
    }

    private bool Decode()
    {
        try
        {
            pool.Context.Decode(_active.Count == 1 ? _active[0].Cancelled : CancellationToken.None);
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

    // Every answer has a sampler of its own, and drawing from a vocabulary takes long enough to be shared among the cores.
    private void Draw()
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
            Parallel.ForEach(_ready, _parallel, answer => answer.Draw(pool.Context));
        }
        else if (_ready.Count == 1)
        {
            _ready[0].Draw(pool.Context);
        }

        foreach (Answer answer in _ready)
        {
            try
            {
                answer.TakeDrawn();
            }
            catch (Exception e)
            {
                End(answer, e);
                continue;
            }

            if (answer.FinishReason is not null)
                End(answer);
        }
    }

    private void End(Answer answer, Exception? failure = null)
    {
        lock (_gate)
            _waiting.Remove(answer);
        _active.Remove(answer);
        if (answer.Cache is { } slot)
            pool.Release(slot);
        answer.Complete(failure);
        answer.Dispose();
    }
}
