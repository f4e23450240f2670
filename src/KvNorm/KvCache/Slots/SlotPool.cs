using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// The slots of one context: a fixed number of conversations under one budget, in equal shares. A prompt gets the slot that holds most of it;
/// else the least recently used one, which may be parked, begins with what another slot or a parked conversation already knows of the prompt.
/// One caller at a time; <see cref="Statistics"/> may be read from any thread.
/// </summary>
internal sealed class SlotPool : IDisposable
{
    /// <summary>Tokens of one decode: enough to keep the matrix units busy, few enough that a GPU's decode, which cannot be stopped, ends soon.</summary>
    private const int LargestBatch = 512;

    /// <summary>Fewer tokens are sooner read than copied.</summary>
    private const int LeastShared = 32;

    private readonly CachePlan _plan;
    private readonly StateBuffer _buffer = new();
    private readonly Slot[] _slots;
    private readonly ParkedConversations _parked;
    private readonly List<Slot> _free; // the least recently used first
    private int _restored;

    /// <summary>Makes the slots.</summary>
    /// <param name="model">The model, which must outlive them.</param>
    /// <param name="probe">What is known of the model's cache.</param>
    /// <param name="budget">How large they may become, all together.</param>
    /// <param name="policy">What stays.</param>
    /// <param name="threads">CPU threads.</param>
    /// <param name="logger">Told when the mechanism or the policy is a weaker one than asked for.</param>
    /// <param name="slots">Conversations at a time.</param>
    /// <param name="parkedBytes">The most bytes of conversations outside of the slots.</param>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation.</exception>
    public SlotPool(LlamaModel model, ModelProbe probe, KvCacheBudget budget, EvictionPolicy policy, ThreadCount threads, ILogger logger, int slots = 1, long parkedBytes = 0)
    {
        policy.Validate();
        CacheCapacity capacity = budget.Resolve(probe.BytesPerCell, model.TrainedLength, slots);
        _plan = new CachePlan(model, probe, budget, capacity, slots, policy.Covering(model.SlidingWindow, capacity.Low), null, threads.Maximum);
        _plan.RoomBeside(policy.Sinks);
        Context = new LlamaContext(model, new LlamaContextSettings(capacity.Cells, (int)Math.Min(LargestBatch, (long)capacity.High * slots), threads, slots));
        probe = probe.ConfirmIn(Context.Sequences[0], model);
        bool renumbers = probe.Mechanism == EvictionMechanism.RewriteRows;
        _plan = _plan with { Probe = probe, Rotations = renumbers ? RopeRotation.ForLayers(model.RopeType, probe.Frequencies!, capacity.Cells) : null };
        if (!renumbers)
            LogMessages.KeepsPositions(logger, model.Name, probe.Mechanism, probe.Reason, model.TrainedLength);
        if (_plan.LacksKeys)
            LogMessages.KeysUnreadable(logger, model.Name, policy.Name, probe.Reason);
        _slots = [.. Context.Sequences.Select(sequence => new Slot(sequence, _plan, _buffer))];
        _free = [.. _slots];
        Latest = _slots[0];
        _parked = new ParkedConversations(parkedBytes);
    }

    public LlamaContext Context { get; }

    /// <summary>Gets what holds for all slots.</summary>
    public CachePlan Plan => _plan;

    public IReadOnlyList<Slot> Slots => _slots;

    /// <summary>Gets whether there is a slot that nobody uses.</summary>
    public bool HasFree => _free.Count > 0;

    /// <summary>Gets the slot that was used last.</summary>
    public Slot Latest { get; private set; }

    public KvCacheStatistics Statistics
    {
        get
        {
            KvCacheStatistics[] each = [.. _slots.Select(static slot => slot.Statistics)];
            (int parked, long parkedBytes) = _parked.Size;
            return Latest.Statistics with
            {
                Cells = each.Sum(static slot => slot.Cells),
                Capacity = each.Sum(static slot => slot.Capacity),
                AllocatedBytes = each.Sum(static slot => slot.AllocatedBytes),
                LogicalTokens = each.Sum(static slot => slot.LogicalTokens),
                TokensSeen = each.Sum(static slot => slot.TokensSeen),
                Evictions = each.Sum(static slot => slot.Evictions),
                EvictedRows = each.Sum(static slot => slot.EvictedRows),
                EvictionMilliseconds = each.Sum(static slot => slot.EvictionMilliseconds),
                Slots = each.Length,
                ParkedConversations = parked,
                ParkedBytes = parkedBytes,
                RestoredConversations = Volatile.Read(ref _restored),
            };
        }
    }

    /// <summary>How many tokens of a prompt no slot and no parked conversation would have to read again.</summary>
    public int ReusableLength(ReadOnlySpan<int> prompt)
    {
        int most = _parked.Find(prompt)?.ReusableLength(prompt) ?? 0;
        foreach (Slot slot in _slots)
            most = Math.Max(most, slot.ReusableLength(prompt));
        return most;
    }

    /// <summary>Takes a free slot for a prompt, in which as much of it is held as anywhere. There must be one.</summary>
    public Slot Take(ReadOnlySpan<int> prompt)
    {
        Slot slot = Choose(prompt);
        _free.Remove(slot);
        return Latest = slot;
    }

    /// <summary>Gives a slot back; what it holds stays until it is needed for another conversation.</summary>
    public void Release(Slot slot) => _free.Add(slot);

    /// <summary>A copy of what is held of a conversation, to be kept outside of the process; null when nothing is, or where rows cannot leave it.</summary>
    public ConversationSnapshot? Copy(ReadOnlySpan<int> conversation)
    {
        if (!_plan.CanSave)
            return null;
        foreach (Slot slot in _slots)
        {
            if (slot.IsBeginningOf(conversation))
                return Save(slot);
        }

        return _parked.Find(conversation) is { } parked && conversation.StartsWith(parked.Tokens) ? parked.Copy() : null;
    }

    /// <summary>Takes a conversation into a free slot, or parks it where there is none and it is allowed; else it is given up and will be read again.</summary>
    public void Place(ConversationSnapshot conversation)
    {
        if (!HasFree && _parked.Takes(conversation.Bytes))
        {
            _parked.Add(conversation);
            return;
        }

        using (conversation)
        {
            if (!HasFree)
                return;
            Slot slot = LeastMissed();
            Park(slot);
            slot.Restore(conversation);
            _free.Remove(slot);
            _free.Add(slot);
            Latest = slot;
        }
    }

    public void Dispose()
    {
        _parked.Dispose();
        _buffer.Dispose();
        Context.Dispose();
    }

    private Slot Choose(ReadOnlySpan<int> prompt)
    {
        Slot holder = Longest(prompt);
        ConversationSnapshot? parked = _parked.Find(prompt);
        int held = holder.ReusableLength(prompt), kept = parked?.ReusableLength(prompt) ?? 0;
        if (LongestContinued(prompt) is { } continued && continued.ReusableLength(prompt) + LeastShared > Math.Max(held, kept))
            return continued;

        // Another conversation begins: it gets the slot that is missed least, and a copy of what is known of its beginning.
        Slot slot = LeastMissed(held < LeastShared ? null : holder);
        int own = slot.ReusableLength(prompt);
        if (kept > held && kept >= own + LeastShared)
            BringBack(parked!, slot, prompt);
        else if (held >= own + LeastShared)
            Share(holder, slot);
        else
            Park(slot);
        return slot;
    }

    private Slot LeastMissed(Slot? spared = null) =>
        _free.Find(static free => free.LogicalLength == 0) ?? _free.Find(free => free != spared) ?? _free[0];

    private void BringBack(ConversationSnapshot parked, Slot slot, ReadOnlySpan<int> prompt)
    {
        _parked.Remove(parked); // or parking the other might give it up
        Park(slot);
        slot.Restore(parked);
        Interlocked.Increment(ref _restored);
        if (parked.IsContinuedBy(prompt))
            parked.Dispose();
        else
            _parked.Add(parked);
    }

    private void Share(Slot holder, Slot slot)
    {
        Park(slot);
        slot.Restore(holder.Save(_buffer));
    }

    private void Park(Slot slot)
    {
        if (slot.LogicalLength > 0 && _parked.Takes(slot.Sequence.StateSize()))
            _parked.Add(Save(slot));
    }

    private static ConversationSnapshot Save(Slot slot)
    {
        StateBuffer state = new();
        try
        {
            return slot.Save(state);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    // The slot that holds most of a prompt, free or not.
    private Slot Longest(ReadOnlySpan<int> prompt)
    {
        Slot best = _slots[0];
        foreach (Slot slot in _slots)
            best = slot.ReusableLength(prompt) > best.ReusableLength(prompt) ? slot : best;
        return best;
    }

    private Slot? LongestContinued(ReadOnlySpan<int> prompt)
    {
        Slot? best = null;
        foreach (Slot slot in _free)
        {
            if (slot.IsContinuedBy(prompt) && slot.ReusableLength(prompt) > (best?.ReusableLength(prompt) ?? -1))
                best = slot;
        }

        return best;
    }
}
