using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class SlotChooserTests : IDisposable
{
    private const int System = 40;

    private readonly SlotFixture _fixture = new(KvCacheBudget.FromCells(900), slots: 3);
    private readonly ParkedConversations _parked = new(1 << 20);
    private readonly List<Slot> _free;

    public SlotChooserTests() => _free = [.. _fixture.Pool.Slots];

    // Any prompt goes on with an empty slot.
    [Fact]
    public void Choose_NothingHeld_IsTheFirstFreeSlot() =>
        Assert.Equal(new SlotChoice(_free[0], Continues: true), Choose(SlotFixture.Tokens(0, 50)));

    [Fact]
    public void Choose_PromptGoesOn_IsThatSlot()
    {
        int[] prompt = Hold(1, SlotFixture.Tokens(0, 50));
        Assert.Equal(new SlotChoice(_free[1], Continues: true), Choose([.. prompt, 5, 6]));
    }

    [Fact]
    public void Choose_AnotherConversationWithTheSameSystemPrompt_GetsACopyInAnEmptySlot()
    {
        int[] prompt = Hold(0, SlotFixture.Tokens(0, 90), System);
        Assert.Equal(new SlotChoice(_free[1], Shared: _free[0]), Choose([.. prompt[..System], .. SlotFixture.Tokens(500, 60)]));
    }

    [Fact]
    public void Choose_TooLittleInCommon_StartsWithNothing()
    {
        int[] prompt = Hold(0, SlotFixture.Tokens(0, 90), 31);
        Assert.Equal(new SlotChoice(_free[1], Continues: true), Choose([.. prompt[..31], .. SlotFixture.Tokens(500, 60)]));
    }

    [Fact]
    public void Choose_HolderIsBusy_IsCopiedFromIt()
    {
        int[] prompt = Hold(0, SlotFixture.Tokens(0, 90), System);
        Slot busy = _free[0];
        _free.RemoveAt(0);
        Assert.Equal(new SlotChoice(_free[0], Shared: busy), Choose([.. prompt, 7]));
    }

    [Fact]
    public void Choose_AllHoldOthers_TheLeastRecentlyUsedGivesWay()
    {
        for (int i = 0; i < 3; i++)
            Hold(i, SlotFixture.Tokens(i * 7, 60));
        _free.Reverse();
        Assert.Equal(new SlotChoice(_free[0]), Choose(SlotFixture.Tokens(300, 60)));
    }

    [Fact]
    public void Choose_ParkedConversationGoesFurther_IsBroughtBack()
    {
        int[] prompt = Hold(0, SlotFixture.Tokens(0, 90), System);
        ConversationSnapshot snapshot = SnapshotSample.Whole([.. prompt[..System], .. SlotFixture.Tokens(500, 60)], System);
        _parked.Add(snapshot);
        Assert.Equal(new SlotChoice(_free[1], Parked: snapshot), Choose([.. snapshot.Tokens, 7]));
    }

    // A slot that goes on with nearly as much is better than copying.
    [Fact]
    public void Choose_ParkedConversationGoesLittleFurther_StaysInTheSlot()
    {
        int[] prompt = Hold(0, SlotFixture.Tokens(0, 90));
        _parked.Add(SnapshotSample.Whole([.. prompt, .. SlotFixture.Tokens(500, 31)]));
        Assert.Equal(new SlotChoice(_free[0], Continues: true), Choose([.. prompt, .. SlotFixture.Tokens(500, 60)]));
    }

    [Fact]
    public void LeastMissed_Spared_IsTakenOnlyWhereThereIsNoOther()
    {
        SlotChooser chooser = new(_fixture.Pool.Slots, _free, _parked);
        for (int i = 0; i < 3; i++)
            Hold(i, SlotFixture.Tokens(i * 7, 60));
        Assert.Same(_free[1], chooser.LeastMissed(_free[0]));
        _free.RemoveRange(1, 2);
        Assert.Same(_free[0], chooser.LeastMissed(_free[0]));
    }

    public void Dispose()
    {
        _parked.Dispose();
        _fixture.Dispose();
    }

    private SlotChoice Choose(int[] prompt) => new SlotChooser(_fixture.Pool.Slots, _free, _parked).Choose(prompt, name: null);

    private int[] Hold(int slot, int[] tokens, int prefix = 0)
    {
        _fixture.Pool.Slots[slot].Pin(prefix, 0, 0, 0);
        _fixture.Pool.Slots[slot].Prefill(tokens, logits: false);
        return tokens;
    }
}
