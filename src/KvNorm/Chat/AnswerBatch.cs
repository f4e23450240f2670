using KvNorm.Chat.Prompts;
using KvNorm.KvCache.Slots;

namespace KvNorm.Chat;

/// <summary>
/// The answers that are being written. What all of them want decoded next goes into one batch. Not safe for concurrent use.
/// </summary>
internal sealed class AnswerBatch(SlotPool pool, TimeProvider time)
{
    /// <summary>Tokens of a prompt prefilled in one go while others are being answered: they wait for no more than this.</summary>
    private const int SharedChunk = 128;

    /// <summary>So many tokens of a prompt in common with one that is being prefilled are worth waiting for.</summary>
    private const int WorthWaiting = 32;

    private readonly List<Answer> _active = [];
    private readonly List<Answer> _ready = []; // those that a token can be sampled for after this decode
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = pool.Plan.Threads };

    /// <summary>Gets whether somebody waits for what comes next of one of them.</summary>
    public bool IsWanted => _active.Exists(static answer => answer.Stream.IsWanted);

    /// <summary>
    /// Whether one of them will soon hold more of a prompt than any slot does now. Two conversations that begin in the same way at the same
    /// time: the second waits until the first has prefilled what they share, unless a state cannot be taken back to the end of that.
    /// </summary>
    public bool WillHold(int[] prompt)
    {
        if (pool.Plan.TakingBack == TakingBack.Never)
            return false;
        int known = pool.ReusableLength(prompt);
        return _active.Exists(other => other.WillHold(prompt) >= known + WorthWaiting);
    }

    /// <summary>Begins an answer in a free slot, of which there must be one.</summary>
    public void Begin(AnswerStream stream)
    {
        Prompt prompt = stream.Request.Prompt;
        Slot slot = pool.Take(prompt.Tokens, prompt.SystemEnd, stream.Conversation?.Id);
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
        pool.Trace(slot, TraceOf(stream, slot));
        slot.Trace.LastUse = time.GetUtcNow();
        stream.ConversationId = slot.Trace.Id;
    }

    /// <summary>Decodes what all want next, and samples.</summary>
    /// <param name="end">Stops the decode, whoever waits for it.</param>
    public void Step(CancellationToken end)
    {
        pool.Context.Batch.Clear();
        Stage();
        if (pool.Context.Batch.Count > 0 && Decode(end))
            Sample();
    }

    /// <summary>Ends those that were cancelled.</summary>
    public void EndCancelled()
    {
        while (_active.Find(static answer => answer.Stream.Cancelled.IsCancellationRequested) is { } answer)
            End(answer, new OperationCanceledException(answer.Stream.Cancelled));
    }

    /// <summary>Ends all of them.</summary>
    public void EndAll(Func<Exception> failure)
    {
        foreach (Answer answer in _active.ToArray())
            End(answer, failure());
    }

    /// <summary>Ends all of them after something failed that is no answer's own doing: what their slots hold is in doubt.</summary>
    public void Abandon(Exception e)
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

    private static ConversationTrace TraceOf(AnswerStream stream, Slot slot)
    {
        if (stream.Conversation is not { } conversation)
            return slot.Trace.Unnamed();
        if (slot.Trace is { IsNamed: true } left && left.Id == conversation.Id)
            conversation.Trace = left; // the answer before was broken off, so that the name was not kept
        return conversation.Trace;
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

    private bool Decode(CancellationToken end)
    {
        try
        {
            pool.Context.Decode(_active.Count == 1 ? _active[0].Stream.Cancelled : end);
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

    private void End(Answer answer, Exception failure)
    {
        GiveBack(answer);
        answer.Stream.Fail(failure);
    }

    private void GiveBack(Answer answer)
    {
        if (!_active.Remove(answer))
            return; // an answer that failed after its end
        answer.Slot.Trace.LastUse = time.GetUtcNow();
        pool.Release(answer.Slot);
        answer.Stream.Request.Dispose();
    }
}
