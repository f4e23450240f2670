using KvNorm.Chat.Conversations;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>Brings together what the store knows of conversations and what the cache holds of them: saves, loads and lists them.</summary>
/// <param name="store">The conversations kept by name.</param>
/// <param name="pool">What the cache holds.</param>
/// <param name="scheduler">Whose worker alone may touch it.</param>
/// <param name="lifetime">Ends what waits for its turn.</param>
/// <param name="savedArchiveBytes">The maximum of bytes of what was evicted that goes into a saved file; 0 for none.</param>
/// <param name="archiveBytes">The maximum of such bytes that are taken from one.</param>
/// <param name="remember">Told the tokens of a conversation that was loaded, for when its text comes back.</param>
internal sealed class NamedConversations(
    ConversationStore store,
    SlotPool pool,
    AnswerScheduler scheduler,
    ClientLifetime lifetime,
    long savedArchiveBytes,
    long archiveBytes,
    Action<int[]> remember)
{
    /// <summary>
    /// Gets the conversations held: first those with a name, the last used first, then what else slots and host memory hold.
    /// </summary>
    public IReadOnlyList<KvNormConversation> All
    {
        get
        {
            HashSet<Slot> slots = [.. pool.Slots.Where(static slot => slot.Statistics.LogicalTokens > 0)];
            HashSet<ConversationSnapshot> parked = [.. pool.Parked];
            List<KvNormConversation> all = [];
            foreach (StoredConversation conversation in store.All)
            {
                (Slot? slot, ConversationSnapshot? snapshot) = Holder(conversation);
                all.Add(Describe(conversation, slot, snapshot));
                if (slot is not null)
                    slots.Remove(slot);
                if (snapshot is not null)
                    parked.Remove(snapshot);
            }

            return [.. all, .. slots.OrderBy(static slot => slot.Sequence.Id).Select(Describe), .. parked.Select(Describe)];
        }
    }

    /// <summary>A conversation; null when there is none of that name.</summary>
    public KvNormConversation? Find(string id)
    {
        if (store.Find(id) is not { } conversation)
            return null;
        (Slot? slot, ConversationSnapshot? snapshot) = Holder(conversation);
        return Describe(conversation, slot, snapshot);
    }

    /// <summary>Every token of a conversation and how much of it is held.</summary>
    public HeldTokens Retention(string id)
    {
        StoredConversation conversation = Require(store.Find(id), id);
        (Slot? slot, ConversationSnapshot? snapshot) = Holder(conversation);
        if (slot?.Retention() is { } held && IsOf(slot, conversation)) // it may have gone to another meanwhile
            return held;
        int[] tokens = conversation.Tokens;
        return snapshot is not null
            ? new HeldTokens(snapshot.Tokens, snapshot.Ledger.Retention(), [])
            : new HeldTokens(tokens, new float[tokens.Length], []);
    }

    private Task<ConversationTurn> BeginTurnAsync(string id, CancellationToken cancellationToken) =>
        lifetime.WaitAsync(token => store.BeginTurnAsync(id, token), cancellationToken);

    private bool IsOf(Slot slot, StoredConversation conversation) => scheduler.UseOf(slot)?.Conversation == conversation;

    /// <summary>Writes a conversation's messages, its tokens, and its rows where the cache holds them.</summary>
    public async Task SaveAsync(string id, Stream destination, CancellationToken cancellationToken)
    {
        Require(store.Find(id), id);
        using ConversationTurn turn = await BeginTurnAsync(id, cancellationToken).ConfigureAwait(false);
        Require(turn.Conversation.Messages.Length > 0 ? turn.Conversation : null, id); // it may have begun with a request that failed
        ConversationSnapshot? snapshot =
            await scheduler.RunAsync(() => pool.Copy(turn.Conversation.Tokens, savedArchiveBytes)).ConfigureAwait(false);
        using ConversationContents contents = ConversationContents.Of(turn.Conversation, snapshot, pool.Plan);
        await ConversationFile.WriteAsync(destination, pool.Plan.Model.Fingerprint, contents, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a conversation, and puts its rows into the cache where they fit.</summary>
    public async Task<IReadOnlyList<ChatMessage>> LoadAsync(string id, Stream source, CancellationToken cancellationToken)
    {
        CachePlan plan = pool.Plan;
        ConversationContents contents = await ConversationFile.ReadAsync(
            source,
            plan.Model.Fingerprint,
            Limits(plan),
            cancellationToken).ConfigureAwait(false);
        (ChatMessage[] messages, int[] tokens, ConversationSnapshot? snapshot) = contents.Unpack(plan, pool.ArchiveLayout);
        try
        {
            using ConversationTurn turn = await BeginTurnAsync(id, cancellationToken).ConfigureAwait(false);
            remember(tokens);
            StoredConversation conversation = turn.Conversation;
            await scheduler.RunAsync(() => Place(conversation, snapshot)).ConfigureAwait(false);
            (conversation.Messages, conversation.Tokens, conversation.Statistics) = (messages, tokens, new KvNormConversationStatistics());
            return messages;
        }
        catch
        {
            snapshot?.Dispose();
            throw;
        }
    }

    private ConversationLimits Limits(CachePlan plan) => new(
        SavedSnapshot.MaximumLedgerBytes(plan),
        plan.CanSave ? SavedSnapshot.MaximumRowBytes(plan) : 0,
        SequenceState.HeaderLength,
        SequenceState.BytesAfter(plan.Slots))
    {
        ArchiveBytes = pool.ArchiveLayout is null ? 0 : archiveBytes,
        ArchiveRecordBytes = pool.ArchiveLayout?.BytesPerToken ?? 1,
    };

    private bool Place(StoredConversation conversation, ConversationSnapshot? snapshot)
    {
        foreach (Slot slot in pool.Slots.Where(slot => IsOf(slot, conversation)))
            scheduler.Use(slot, null); // what it was before is no more
        bool getsSlot = pool.HasFree && snapshot is not null;
        if (snapshot is not null)
            pool.Place(snapshot, slot => scheduler.Use(slot, null));
        if (getsSlot)
            scheduler.Use(pool.Latest, conversation);
        return getsSlot;
    }

    private static StoredConversation Require(StoredConversation? conversation, string id) => conversation ?? throw new ArgumentException(
        $"There is no conversation '{id}': a request with that ChatOptions.ConversationId begins one.", nameof(id));

    // The slot that the conversation used last, unless another has used it since; else what is parked of it.
    private (Slot? Slot, ConversationSnapshot? Parked) Holder(StoredConversation conversation)
    {
        Slot? slot = pool.Slots
            .Where(slot => slot.Statistics.LogicalTokens > 0 && IsOf(slot, conversation))
            .MaxBy(slot => scheduler.UseOf(slot)?.At);
        int[] tokens = conversation.Tokens;
        return slot is not null
            ? (slot, null)
            : (null, pool.Parked.Where(parked => tokens.AsSpan().StartsWith(parked.Tokens)).MaxBy(static parked => parked.Tokens.Length));
    }

    private static KvNormConversation Describe(StoredConversation conversation, Slot? slot, ConversationSnapshot? parked)
    {
        KvCacheStatistics? held = slot?.Statistics;
        return new KvNormConversation
        {
            ConversationId = conversation.Id,
            Slot = slot?.Sequence.Id,
            IsParked = parked is not null,
            LogicalTokens = held?.LogicalTokens ?? conversation.Tokens.Length,
            Cells = held?.Cells ?? parked?.Ledger.Cells ?? 0,
            LastUse = conversation.LastUse,
            Statistics = conversation.Statistics,
        };
    }

    private KvNormConversation Describe(Slot slot)
    {
        KvCacheStatistics held = slot.Statistics;
        return new KvNormConversation
        {
            Slot = slot.Sequence.Id,
            LogicalTokens = held.LogicalTokens,
            Cells = held.Cells,
            LastUse = scheduler.UseOf(slot)?.At,
        };
    }

    private static KvNormConversation Describe(ConversationSnapshot parked) =>
        new() { IsParked = true, LogicalTokens = parked.Tokens.Length, Cells = parked.Ledger.Cells };
}
