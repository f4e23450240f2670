namespace KvNorm.KvCache.Slots;

/// <summary>
/// Chooses the slot of a prompt: the one whose conversation the prompt goes on with; else the least recently used one, with a copy of what
/// another slot
/// or a parked conversation already knows of the prompt.
/// </summary>
/// <param name="slots">All slots.</param>
/// <param name="free">Those that nobody uses, the least recently used first.</param>
/// <param name="parked">The conversations outside of the slots.</param>
internal sealed class SlotChooser(IReadOnlyList<Slot> slots, IReadOnlyList<Slot> free, ParkedConversations parked)
{
    /// <summary>Fewer tokens are sooner decoded than copied.</summary>
    private const int MinimumShared = 32;

    /// <summary>Chooses for a prompt. There must be a free slot.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="name">The name of its conversation; null for none.</param>
    public SlotChoice Choose(ReadOnlySpan<int> prompt, string? name)
    {
        Slot holder = Holder(prompt);
        ConversationSnapshot? snapshot = parked.Find(prompt);
        int held = holder.Conversation.ReusableLength(prompt), kept = snapshot?.ReusableLength(prompt) ?? 0;
        Slot? continued = Continued(prompt, name);
        if (continued?.Conversation.ReusableLength(prompt) + MinimumShared > Math.Max(held, kept))
            return new SlotChoice(continued!, Continues: true);

        // Another conversation begins: it gets the slot that is missed least, and a copy of what is known of its beginning.
        Slot slot = LeastMissed(held < MinimumShared ? null : holder);
        int own = slot.Conversation.ReusableLength(prompt);
        if (kept > held && kept >= own + MinimumShared)
            return new SlotChoice(slot, Parked: snapshot);
        return held >= own + MinimumShared ? new SlotChoice(slot, Shared: holder) : new SlotChoice(slot);
    }

    /// <summary>The free slot whose conversation is missed least: an empty one, or the least recently used.</summary>
    /// <param name="spared">A slot that is taken only where there is no other.</param>
    public Slot LeastMissed(Slot? spared = null) =>
        free.FirstOrDefault(static slot => slot.Conversation.Length == 0) ?? free.FirstOrDefault(slot => slot != spared) ?? free[0];

    // The slot, free or not, that holds the maximum of a prompt: the first of equal ones.
    private Slot Holder(ReadOnlySpan<int> prompt)
    {
        Slot best = slots[0];
        foreach (Slot slot in slots)
            best = slot.Conversation.ReusableLength(prompt) > best.Conversation.ReusableLength(prompt) ? slot : best;
        return best;
    }

    // What has another's name is not cut for a prompt that has the beginning alone in common.
    private Slot? Continued(ReadOnlySpan<int> prompt, string? name)
    {
        Slot? best = null;
        int maximum = -1;
        foreach (Slot slot in free)
        {
            int length = slot.Conversation.ReusableLength(prompt);
            if (length <= maximum || !slot.Conversation.IsContinuedBy(prompt))
                continue;
            bool isAnothers = slot.Trace is { IsNamed: true, Id: { } owner } && owner != name;
            if (!isAnothers || slot.Conversation.IsBeginningOf(prompt))
                (best, maximum) = (slot, length);
        }

        return best;
    }
}
