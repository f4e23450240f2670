using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// The slots of one context: a fixed number of conversations under one budget, in equal shares or in shares that flow. Gives them out, and
/// moves conversations between them and host memory. One caller at a time; <see cref="Statistics"/> may be read from any thread.
/// </summary>
internal sealed class SlotPool : IDisposable
{
    /// <summary>
    /// Tokens of a question that are embedded, the last ones: models of embeddings take few more, and refuse what is longer.
    /// </summary>
    private const int LongestQuestion = 256;

    private readonly StateBuffer _buffer = new();
    private readonly RecallSpace? _recalls; // null for no recall
    private readonly Slot[] _slots;
    private readonly ParkedConversations _parked;
    private readonly List<Slot> _free = []; // the least recently used first
    private readonly SharedCells? _shared; // null for equal shares
    private readonly SlotChooser _chooser;
    private readonly ConversationCopier _copier;
    private int _restored;

    /// <summary>Makes the slots.</summary>
    /// <param name="model">The model, which must outlive them.</param>
    /// <param name="probe">What is known of the model's cache.</param>
    /// <param name="budget">How large they may become, all together; found out here where it is automatic.</param>
    /// <param name="policy">What stays.</param>
    /// <param name="threads">CPU threads.</param>
    /// <param name="logger">Told when the mechanism or the policy is a weaker one than asked for.</param>
    /// <param name="slots">Conversations at a time.</param>
    /// <param name="parkedBytes">The maximum of bytes of conversations outside of the slots.</param>
    /// <param name="archive">What may be kept of evicted rows, from where they are recalled; null for nothing.</param>
    /// <param name="embedder">Says what texts mean, where that is asked for; null for their words alone. The pool owns it.</param>
    /// <param name="unified">Whether the slots take cells of one pool, where a long conversation takes what the others leave.</param>
    /// <param name="terms">The words of the vocabulary, where another pool over the model knows them; null to look for them.</param>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation.</exception>
    public SlotPool(
        LlamaModel model,
        ModelProbe probe,
        KvCacheBudget budget,
        EvictionPolicy policy,
        ThreadCount threads,
        ILogger logger,
        int slots = 1,
        long parkedBytes = 0,
        ArchiveLimits? archive = null,
        SpanEmbedder? embedder = null,
        TokenTerms? terms = null,
        bool unified = false)
    {
        if (budget.IsAuto)
        {
            long archiveBytes = archive?.Bytes ?? 0;
            AutomaticBudget automatic = AutomaticBudget.For(model, probe, slots, unified, archiveBytes > 0, parkedBytes + archiveBytes);
            budget = budget.WithBytes(automatic.Bytes(FreeMemory.Of));
        }

        CachePlan plan = CachePlan.Create(model, probe, budget, policy, threads.Maximum, slots, unified);
        CellShares shares = plan.Shares;
        int cells = shares.Unified ? shares.Total : shares.Equal.Cells, batch = Math.Min(CellCost.LargestBatch, shares.Total);
        Context = new LlamaContext(model, new LlamaContextSettings(cells, batch, threads, slots, plan.QueryWindow, shares.Unified)
        {
            Types = probe.Types,
        });
        _parked = new ParkedConversations(parkedBytes);
        try
        {
            Plan = plan.ConfirmedIn(Context);
            if (archive is { Bytes: > 0 })
                _recalls = new RecallSpace(terms ?? TokenTerms.Of(model.Vocabulary), CreateArchives(archive, logger), embedder);
            _shared = shares.Unified ? new SharedCells(Plan, _free, Vacate) : null;
            ScoringBuffers scoring = new(Plan.Rules, Plan.CreateScorer(), Plan.Queries is not null);
            SlotBuffers buffers = new(_buffer, scoring, TokenPieces.Of(model.Vocabulary));
            _slots = [.. Context.Sequences.Select(sequence => new Slot(sequence, Plan, buffers, _recalls, _shared))];
            _free.AddRange(_slots);
            Latest = _slots[0];
            _chooser = new SlotChooser(_slots, _free, _parked);
            _copier = new ConversationCopier(_slots, _free, _parked, _chooser, (slot, cells) => TryReserve(slot, cells, evicts: false));
            LogLimits(logger);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public LlamaContext Context { get; }

    /// <summary>Gets how the rows of a token lie in an archive; null where there is none.</summary>
    public ArchiveLayout? ArchiveLayout => _recalls?.Layout;

    /// <summary>Gets the maximum of bytes of rows on their way back from an archive.</summary>
    public long RecallBytes => (long)(Plan.Shares.Most.Cells * RecallRoom.MovedShare) * (ArchiveLayout?.BytesPerToken ?? 0);

    /// <summary>Gets what holds for all slots.</summary>
    public CachePlan Plan { get; }

    public IReadOnlyList<Slot> Slots => _slots;

    /// <inheritdoc cref="ParkedConversations.All"/>
    public IReadOnlyList<ConversationSnapshot> Parked => _parked.All;

    /// <summary>Gets whether there is a slot that nobody uses.</summary>
    public bool HasFree => _free.Count > 0;

    /// <summary>Gets the slot that was used last.</summary>
    public Slot Latest { get; private set; }

    public KvCacheStatistics Statistics
    {
        get
        {
            (int parked, long parkedBytes) = _parked.Size;
            return KvCacheStatistics.Sum([.. _slots.Select(static slot => slot.Statistics)], Latest.Statistics) with
            {
                Capacity = Plan.Shares.Total,
                AllocatedBytes = Context.Streams * Plan.Probe.Cost.BytesOf(Context.Cells, Plan.Slots / Context.Streams),
                ParkedConversations = parked,
                ParkedBytes = parkedBytes,
                ArchiveBytes = _recalls?.Bytes ?? 0,
                ArchiveFileBytes = _recalls?.FileBytes ?? 0,
                RestoredConversations = Volatile.Read(ref _restored),
            };
        }
    }

    /// <summary>How many tokens of a prompt would not be decoded again, whatever slot it gets.</summary>
    public int ReusableLength(ReadOnlySpan<int> prompt)
    {
        int maximum = _parked.Find(prompt)?.ReusableLength(prompt) ?? 0;
        foreach (Slot slot in _slots)
            maximum = Math.Max(maximum, slot.Conversation.ReusableLength(prompt));
        return maximum;
    }

    /// <summary>
    /// Makes ready what the recall for a prompt needs, so that the decode thread need not. From any thread.
    /// </summary>
    /// <param name="tokens">All tokens of the prompt.</param>
    /// <param name="question">Those of them that ask something.</param>
    /// <returns>The text whose vector is wanted, too; null for none.</returns>
    public string? PrepareRecall(int tokens, ReadOnlySpan<int> question)
    {
        bool evicts = tokens > Plan.Capacity.High || Array.Exists(_slots, static slot => slot.Statistics.Evictions > 0);
        bool isExpected = _recalls?.Prepare(evicts) == true;
        if (!isExpected || _recalls!.Embedder is null)
            return null;
        return Plan.Model.Vocabulary.Text(question[^Math.Min(question.Length, LongestQuestion)..].ToArray());
    }

    /// <inheritdoc cref="SpanEmbedder.EmbedQuestionAsync"/>
    public Task<float[]?> EmbedQuestionAsync(string question, CancellationToken cancellationToken) =>
        _recalls!.Embedder!.EmbedQuestionAsync(question, cancellationToken);

    /// <summary>
    /// Whether a prompt can begin now: whether a slot is free, and may have as many cells as evictions beside the system prompt need.
    /// Where not, one that is answering must end first.
    /// </summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="systemTokens">Tokens at its start that must stay.</param>
    /// <param name="name">The name of its conversation; null for none.</param>
    public bool HasRoomFor(ReadOnlySpan<int> prompt, int systemTokens, string? name = null) =>
        HasFree && (_shared is null || _shared.CanLend(_chooser.Choose(prompt, name).Slot, Plan.LeastCellsFor(systemTokens)));

    /// <summary>Takes a free slot for a prompt, in which as much of it is held as anywhere. There must be one.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="systemTokens">Tokens at its start that must stay.</param>
    /// <param name="name">The name of its conversation; null for none.</param>
    public Slot Take(ReadOnlySpan<int> prompt, int systemTokens = 0, string? name = null)
    {
        SlotChoice choice = _chooser.Choose(prompt, name);
        if (choice.Slot.Conversation.Length == 0)
            choice.Slot.Trace = ConversationTrace.Nobodys(); // what stood there is gone
        if (!choice.Continues)
            ParkFor(choice, prompt);
        if (choice.Shared is { } holder && TryReserve(choice.Slot, holder.Conversation.Ledger.Cells, evicts: false))
            Share(holder, choice.Slot);
        try
        {
            Begin(choice.Slot, prompt, systemTokens);
        }
        catch when (choice.Slot.Conversation.Ledger.Cells > choice.Slot.Share.Capacity.Cells)
        {
            choice.Slot.Clear(); // others may have what it holds beyond what it is lent
            throw;
        }

        _free.Remove(choice.Slot);
        choice.Slot.Touch();
        return Latest = choice.Slot;
    }

    /// <summary>Gives a slot back; what it holds stays until it is needed for another conversation.</summary>
    public void Release(Slot slot)
    {
        _free.Add(slot);
        if (slot.Conversation.Ledger.Cells > slot.Share.Capacity.Cells)
            slot.Clear(); // an answer that failed as it began: others may have what the slot holds beyond what it is lent
    }

    /// <inheritdoc cref="ConversationCopier.Copy"/>
    public ConversationSnapshot? Copy(ReadOnlySpan<int> conversation, long archiveBytes, ConversationTrace? trace = null) =>
        Plan.CanSave ? _copier.Copy(conversation, archiveBytes, trace) : null;

    /// <summary>
    /// Takes a conversation into a free slot, or parks it where there is none with room for it and it is allowed; else it is given up and
    /// will be decoded again.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <returns>The slot; null for none.</returns>
    public Slot? Place(ConversationSnapshot conversation)
    {
        Slot? slot = HasFree ? _chooser.LeastMissed() : null;
        bool fits = slot is not null && TryReserve(slot, conversation.Ledger.Cells);
        if (!fits && !_parked.Takes(conversation.Bytes))
        {
            conversation.Dispose(); // before others make room for what was saved of its archive
            return null;
        }

        conversation = WithArchive(conversation);
        if (slot is null || !fits)
        {
            _parked.Add(conversation);
            return null;
        }

        using (conversation)
        {
            Park(slot);
            slot.Restore(conversation);
            slot.Touch();
            _free.Remove(slot);
            _free.Add(slot);
            return Latest = slot;
        }
    }

    public void Dispose()
    {
        _parked.Dispose();
        _recalls?.Dispose();
        _buffer.Dispose();
        Context.Dispose();
    }

    /// <summary>
    /// Says by what callers find the conversation of a slot. What another slot still holds of it, from before, nobody finds any more.
    /// </summary>
    public void Trace(Slot slot, ConversationTrace trace)
    {
        foreach (Slot other in _slots.Where(other => other != slot && other.Trace == trace))
            other.Trace = ConversationTrace.Nobodys();
        slot.Trace = trace;
    }

    // What was saved of an archive gets its room among the others.
    private ConversationSnapshot WithArchive(ConversationSnapshot conversation)
    {
        if (conversation.SavedArchive is not { } saved)
            return conversation;
        using (saved)
            return conversation with { Archive = _recalls?.CreateArchive(saved), SavedArchive = null };
    }

    // Lends a slot what it lacks for some cells, for which nobody gives up rows in vain. Whether it may use so many now.
    private bool TryReserve(Slot slot, int cells, bool evicts = true)
    {
        if (!evicts || _shared?.CanLend(slot, cells, leaves: false) == true)
            _shared?.Reserve(slot, cells, evicts);
        return cells <= slot.Share.Capacity.Cells;
    }

    // What is not a beginning of the prompt leaves the slot before anything is decoded.
    private void Begin(Slot slot, ReadOnlySpan<int> prompt, int systemTokens)
    {
        int reused = slot.Conversation.ReusableLength(prompt), rows = slot.Conversation.Ledger.RowsBefore(reused);
        _shared?.Begin(slot, rows + prompt.Length - reused, Plan.LeastCellsFor(systemTokens));
    }

    private void Vacate(Slot slot)
    {
        try
        {
            Park(slot);
            slot.Clear();
        }
        finally
        {
            slot.Trace = ConversationTrace.Nobodys();
        }
    }

    private ArchiveSpace? CreateArchives(ArchiveLimits limits, ILogger logger) =>
        Plan.Probe.Mechanism == EvictionMechanism.RemoveCells
            ? null
            : new ArchiveSpace(new Archive.ArchiveLayout(Plan.Rules.Geometry), limits, logger);

    private void Share(Slot holder, Slot slot)
    {
        ConversationSnapshot saved = holder.Save(_buffer); // the buffer stays ours
        try
        {
            slot.Restore(saved with { Trace = ConversationTrace.Nobodys() });
        }
        finally
        {
            saved.Archive?.Dispose();
        }
    }

    // Another conversation than the one in the slot begins there: that is parked, and nobody finds what is left of it.
    private void ParkFor(SlotChoice choice, ReadOnlySpan<int> prompt)
    {
        if (choice.Parked is { } parked && TryReserve(choice.Slot, parked.Ledger.Cells))
        {
            BringBack(parked, choice.Slot, prompt);
            return;
        }

        Park(choice.Slot);
        choice.Slot.Trace = ConversationTrace.Nobodys();
    }

    private void BringBack(ConversationSnapshot parked, Slot slot, ReadOnlySpan<int> prompt)
    {
        _parked.Remove(parked); // or parking the other might give it up
        bool goesOn = parked.IsContinuedBy(prompt);
        try
        {
            Park(slot);
            slot.Restore(goesOn ? parked : parked with { Trace = ConversationTrace.Nobodys() });
        }
        catch
        {
            parked.Dispose();
            throw;
        }

        Interlocked.Increment(ref _restored);
        if (goesOn)
            parked.Dispose();
        else
            _parked.Add(parked);
    }

    private void Park(Slot slot)
    {
        if (slot.Conversation.Length == 0 || !_parked.Takes(slot.Sequence.StateSize()))
            return;
        try
        {
            _parked.Add(slot.Save());
        }
        catch
        {
            slot.Clear(); // or no other conversation could ever take the slot
            throw;
        }
    }

    private void LogLimits(ILogger logger)
    {
        ModelProbe probe = Plan.Probe;
        LogMessages.CacheMade(
            logger,
            Plan.Model.Name,
            Statistics.AllocatedBytes / (double)(1 << 20),
            Plan.Shares.Total,
            Plan.Model.TrainedLength > 0 && Plan.Shares.Equal.Cells == Plan.Model.TrainedLength ? ", all the model was trained for" : "");
        if (probe.Mechanism != EvictionMechanism.RewriteRows)
            LogMessages.KeepsPositions(logger, Plan.Model.Name, probe.Mechanism, probe.Reason, Plan.Model.TrainedLength);
        if (probe.Geometry is null && Plan.Policy.CreateScorer(Plan.HeadCount).ReadsCache)
            LogMessages.KeysUnreadable(logger, Plan.Model.Name, Plan.Policy.Name, probe.Reason);
    }
}
