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
    /// Gets the conversations held: first those with a name, the last used first, then those without in slots and host memory.
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
                (Slot? slot, ConversationSnapshot? snapshot) = Holder(conversation.Trace, conversation.Tokens);
                all.Add(Describe(conversation, slot, snapshot));
                if (slot is not null)
                    slots.Remove(slot);
                if (snapshot is not null)
                    parked.Remove(snapshot);
            }

            return [.. all, .. slots.OrderBy(static slot => slot.Sequence.Id).Select(Describe), .. parked.Select(Describe)];
        }
    }

    /// <summary>A conversation, by its name or by the id that was made for it; null when there is none.</summary>
    public KvNormConversation? Find(string id)
    {
        StoredConversation? conversation = store.Find(id);
        if ((conversation?.Trace ?? Held(id)) is not { } trace)
            return null;
        (Slot? slot, ConversationSnapshot? parked) = Holder(trace, conversation?.Tokens);
        return conversation is not null ? Describe(conversation, slot, parked)
            : slot is not null ? Describe(slot)
            : parked is not null ? Describe(parked)
            : null;
    }

    /// <summary>Every token of a conversation and how much of it is held.</summary>
    public HeldTokens Retention(string id)
    {
        StoredConversation? conversation = store.Find(id);
        ConversationTrace trace = Require(conversation?.Trace ?? Held(id), id);
        (Slot? slot, ConversationSnapshot? parked) = Holder(trace, conversation?.Tokens);
        if (slot?.Retention() is { } held && slot.Trace == trace) // it may have gone to another meanwhile
            return held;
        if (parked is not null)
            return new HeldTokens(parked.Tokens, parked.Ledger.Retention(), []);
        int[] tokens = Require(conversation, id).Tokens;
        return new HeldTokens(tokens, new float[tokens.Length], []);
    }

    /// <summary>What happened to a conversation.</summary>
    public IReadOnlyList<KvCacheEvent> Events(string id) => Require(store.Find(id)?.Trace ?? Held(id), id).Events;

    /// <summary>Forgets a conversation. What is held of it nobody finds any more.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string id)
    {
        StoredConversation? conversation = store.Remove(id);
        bool isKnown = conversation is not null;
        conversation?.Trace.Forget(); // no slot has it yet where its first request waits
        while (Held(id) is { } trace)
            isKnown |= trace.Forget();
        return isKnown;
    }

    private Task<ConversationTurn> BeginTurnAsync(string id, CancellationToken cancellationToken) =>
        lifetime.WaitAsync(token => store.BeginTurnAsync(id, token), cancellationToken);

    /// <summary>Writes a conversation's messages, its tokens, and its rows where the cache holds them.</summary>
    public async Task SaveAsync(string id, Stream destination, CancellationToken cancellationToken)
    {
        Require(store.Find(id), id);
        using ConversationTurn turn = await BeginTurnAsync(id, cancellationToken).ConfigureAwait(false);
        Require(turn.Conversation.Messages.Length > 0 ? turn.Conversation : null, id); // it may have begun with a request that failed
        StoredConversation kept = turn.Conversation;
        ConversationSnapshot? snapshot =
            await scheduler.RunAsync(() => pool.Copy(kept.Tokens, savedArchiveBytes, kept.Trace)).ConfigureAwait(false);
        using ConversationContents contents = ConversationContents.Of(kept, snapshot, pool.Plan);
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
            ConversationTrace trace = ConversationTrace.Named(id); // nothing has happened to what is loaded
            if (snapshot is not null)
            {
                snapshot = snapshot with { Trace = trace };
                await scheduler.RunAsync(() => pool.Place(snapshot)).ConfigureAwait(false);
            }

            conversation.Trace = trace;
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
        SequenceState.BytesAfter(plan.Streams))
    {
        Types = plan.Probe.Types,
        ArchiveBytes = pool.ArchiveLayout is null ? 0 : archiveBytes,
        ArchiveRecordBytes = pool.ArchiveLayout?.BytesPerToken ?? 1,
    };

    private static T Require<T>(T? found, string id)
        where T : class => found ?? throw new ArgumentException(
            $"There is no conversation '{id}': a request with that ChatOptions.ConversationId begins one.", nameof(id));

    // That of a conversation that is not kept by name: one without, or one whose first answer was broken off; null where there is none.
    private ConversationTrace? Held(string id) => pool.Slots.Select(static slot => slot.Trace)
        .Concat(pool.Parked.Select(static parked => parked.Trace))
        .FirstOrDefault(trace => trace.Id == id);

    // The slot that holds the conversation, or what is parked of it: where it has a name, also what another has gone on with.
    private (Slot? Slot, ConversationSnapshot? Parked) Holder(ConversationTrace trace, int[]? tokens)
    {
        Slot? slot = pool.Slots.FirstOrDefault(slot => slot.Trace == trace && slot.Statistics.LogicalTokens > 0);
        return slot is not null ? (slot, null) : (null, pool.Parked.Where(IsOfIt).MaxBy(static parked => parked.Tokens.Length));

        bool IsOfIt(ConversationSnapshot parked) => parked.Trace == trace || tokens?.AsSpan().StartsWith(parked.Tokens) == true;
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
            TokensPerSecond = conversation.Trace.TokensPerSecond,
            Statistics = conversation.Statistics,
        };
    }

    private KvNormConversation Describe(Slot slot)
    {
        KvCacheStatistics held = slot.Statistics;
        return Describe(slot.Trace, held.LogicalTokens, held.Cells) with { Slot = slot.Sequence.Id };
    }

    private KvNormConversation Describe(ConversationSnapshot parked) =>
        Describe(parked.Trace, parked.Tokens.Length, parked.Ledger.Cells) with { IsParked = true };

    // By the name of one that is kept nothing else is found: this is what is left of it from before.
    private KvNormConversation Describe(ConversationTrace trace, int logicalTokens, int cells) => new()
    {
        ConversationId = trace.Id is { } id && store.Find(id) is null ? id : null,
        LogicalTokens = logicalTokens,
        Cells = cells,
        LastUse = trace.LastUse,
        TokensPerSecond = trace.TokensPerSecond,
    };
}
