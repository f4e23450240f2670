namespace KvNorm.KvCache.Slots;

/// <summary>
/// Lends the cells of one pool to the slots: all together never more than there are, and to each at least
/// <see cref="CellShares.Least"/>. A slot that needs more gets what nobody has, then what idle slots have and do not hold, then what these
/// hold: the least recently used gives up rows first. What a slot has while it answers is not taken from it. Where an idle slot must keep
/// more than an equal share, such as for its system prompt, and a prompt cannot begin beside that, its conversation leaves as a whole.
/// </summary>
/// <param name="plan">What holds for all slots.</param>
/// <param name="idle">The slots that nobody uses, the least recently used first.</param>
/// <param name="vacate">Has the conversation of a slot leave it.</param>
internal sealed class SharedCells(CachePlan plan, IReadOnlyList<Slot> idle, Action<Slot> vacate)
{
    private int _unused = plan.Shares.Total - (plan.Slots * plan.Shares.Least.Cells); // what no slot has

    private int Least => plan.Shares.Least.Cells;

    // As many as an eviction of an equal share frees: giving up fewer at a time would cost as much each time.
    private int Step => Math.Max(1, plan.Shares.Equal.Cells - plan.Shares.Equal.Low);

    /// <summary>Whether an idle slot can have so many cells while the others keep what they must.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="cells">Cells that it wants to use.</param>
    /// <param name="leaves">Whether conversations may leave for it.</param>
    public bool CanLend(Slot slot, int cells, bool leaves = true) =>
        cells <= slot.Share.Capacity.Cells + _unused + idle.Where(other => other != slot)
            .Sum(other => other.Share.Capacity.Cells - (leaves ? LentAtLeast(other) : LentWithout(other)));

    /// <summary>A prompt begins in a slot, which has from now on what it takes, or as much of that as there is.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="cells">Cells that the prompt takes, those that the slot holds of it already among them.</param>
    /// <param name="needed">Cells that it cannot do without, as <see cref="CanLend"/> allows.</param>
    public void Begin(Slot slot, int cells, int needed)
    {
        cells = Math.Max(cells, needed);
        Shrink(slot, cells);
        Reserve(slot, cells);
        foreach (Slot other in idle.TakeWhile(_ => slot.Share.Capacity.Cells < needed).Where(other => other != slot && MayLeave(other)))
        {
            vacate(other);
            Shrink(other, 0);
            Reserve(slot, needed, evicts: false);
        }
    }

    /// <summary>Lends a slot what it lacks for some cells, or as much of that as there is.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="cells">Cells that it wants to use.</param>
    /// <param name="evicts">Whether others may have to give up rows for it.</param>
    public void Reserve(Slot slot, int cells, bool evicts = true)
    {
        int wanted = Math.Min(WithMark(cells), plan.Shares.Most.Cells) - slot.Share.Capacity.Cells;
        if (wanted <= 0)
            return;
        foreach (Slot other in idle.TakeWhile(_ => _unused < wanted).Where(other => other != slot))
            Shrink(other, other.Conversation.Ledger.Cells);
        foreach (Slot other in idle.TakeWhile(_ => evicts && _unused < wanted).Where(other => other != slot))
            GiveUp(other, Math.Max(wanted - _unused, Step));
        Lend(slot, slot.Share.Capacity.Cells + Math.Min(wanted, _unused));
    }

    private bool MayLeave(Slot slot) => LentWithout(slot) > plan.Shares.Equal.Cells;

    private int LentAtLeast(Slot slot) => MayLeave(slot) ? Least : LentWithout(slot);

    // What an idle slot has at least unless its conversation leaves.
    private int LentWithout(Slot slot) => Math.Max(Least, Math.Min(slot.Share.Capacity.Cells, WithMark(HeldAtLeast(slot))));

    private void GiveUp(Slot slot, int cells)
    {
        int held = slot.Conversation.Ledger.Cells, least = HeldAtLeast(slot);
        if (held == least)
            return;
        slot.GiveUp(Math.Max(held - cells, least));
        Shrink(slot, slot.Conversation.Ledger.Cells);
    }

    // What an idle slot gives up leaves what always stays and the recent window, too; nothing goes where that would be next to nothing.
    private int HeldAtLeast(Slot slot)
    {
        int held = slot.Conversation.Ledger.Cells, least = Math.Max(Least, plan.LeastBeside(slot.Conversation.Pinned.Front));
        return held - least < plan.LeastWorthFreeing ? held : least;
    }

    private void Shrink(Slot slot, int cells) => Lend(slot, Math.Min(slot.Share.Capacity.Cells, Math.Max(WithMark(cells), Least)));

    private void Lend(Slot slot, int cells)
    {
        _unused -= cells - slot.Share.Capacity.Cells;
        slot.Share.Set(cells);
    }

    // The cells of which some may be used before rows are evicted.
    private int WithMark(int cells)
    {
        double mark = plan.Budget.HighMark;
        return mark == 1 ? cells : (int)Math.Min(Math.Ceiling(cells / mark) + 1, int.MaxValue);
    }
}
