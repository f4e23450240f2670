namespace KvNorm.KvCache.Slots;

/// <summary>Copies what slots and host memory hold of a conversation, to be kept outside of the process.</summary>
/// <param name="slots">All slots.</param>
/// <param name="free">Those that nobody uses.</param>
/// <param name="parked">The conversations outside of the slots.</param>
/// <param name="chooser">Chooses the slot in which a parked conversation is cut.</param>
/// <param name="lends">Lends a slot what it lacks for some cells; whether it may use so many now.</param>
internal sealed class ConversationCopier(
    IReadOnlyList<Slot> slots, IReadOnlyList<Slot> free, ParkedConversations parked, SlotChooser chooser, Func<Slot, int, bool> lends)
{
    /// <summary>
    /// A copy of what is held of a conversation, to be kept outside of the process; null when nothing is, or where rows cannot leave it.
    /// </summary>
    /// <param name="conversation">All its tokens.</param>
    /// <param name="archiveBytes">The maximum of bytes of what was evicted that is copied, too.</param>
    /// <param name="trace">Its trace, by which a slot is known that has gone on with an answer that was stopped; null for none.</param>
    public ConversationSnapshot? Copy(ReadOnlySpan<int> conversation, long archiveBytes, ConversationTrace? trace = null)
    {
        if (free.FirstOrDefault(slot => slot.Trace == trace) is { } own
            && !own.Conversation.Ledger.Positions.AreRenewed
            && HoldsAll(conversation, own.Conversation.Length, own.Conversation.ReusableLength(conversation)))
        {
            return CopyBeginning(own, conversation, archiveBytes);
        }

        Slot? holder = null;
        foreach (Slot slot in slots)
        {
            if (slot.Conversation.IsBeginningOf(conversation) && !(holder?.Conversation.Length >= slot.Conversation.Length))
                holder = slot;
        }

        if (parked.Find(conversation) is { } other
            && other.ReusableLength(conversation) > (holder?.Conversation.Length ?? 0)
            && CopyParked(other, conversation, archiveBytes) is { } copy)
        {
            return copy;
        }

        return holder?.Conversation.Ledger.Positions.AreRenewed == false ? holder.Save().Detach(archiveBytes) : null;
    }

    // Whether what has so many tokens, of which so many can be used, is a conversation and perhaps more.
    private static bool HoldsAll(ReadOnlySpan<int> conversation, int length, int reusable) =>
        conversation.Length > 0 && length >= conversation.Length && reusable == conversation.Length - 1;

    // Null where it cannot leave: a file does not say where tokens stand that are not where they were read.
    private ConversationSnapshot? CopyParked(ConversationSnapshot other, ReadOnlySpan<int> conversation, long archiveBytes)
    {
        if (other.Ledger.Positions.AreRenewed)
            return null;
        if (conversation.StartsWith(other.Tokens))
            return other.Copy(archiveBytes);
        if (free.Count == 0 || !HoldsAll(conversation, other.Tokens.Length, other.ReusableLength(conversation)))
            return null;
        Slot slot = chooser.LeastMissed();
        return lends(slot, other.Ledger.Cells) ? CopyBeginning(slot, conversation, archiveBytes, other) : null;
    }

    // Of what is in the slot, or of another conversation that is taken there for it. What is there comes back: the next request may go on.
    private static ConversationSnapshot CopyBeginning(
        Slot slot, ReadOnlySpan<int> conversation, long archiveBytes, ConversationSnapshot? other = null)
    {
        ConversationTrace trace = slot.Trace;
        using ConversationSnapshot? whole = slot.Conversation.Length == 0 ? null : slot.Save();
        try
        {
            if (other is not null)
                slot.Restore(other with { Trace = ConversationTrace.Nobodys() });
            slot.Resume(conversation);
            return slot.Save().Detach(archiveBytes);
        }
        finally
        {
            if (whole is null)
                slot.Clear();
            else
                slot.Restore(whole);
            slot.Trace = trace;
        }
    }
}
