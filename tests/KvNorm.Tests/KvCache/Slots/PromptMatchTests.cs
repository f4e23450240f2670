using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class PromptMatchTests
{
    private static readonly int[] Conversation = [.. Enumerable.Range(0, 100)];

    [Theory]
    [InlineData(100, 20, 100)] // goes on
    [InlineData(60, 60, 60)]
    [InlineData(0, 5, 0)]      // nothing in common
    [InlineData(50, 0, 49)]    // a beginning: its last token is decoded again for its logits
    [InlineData(100, 0, 99)]
    public void ReusableLength_NothingEvicted_IsWhatIsCommon(int common, int more, int expected)
    {
        RowLedger ledger = new(RowLedgerTests.Separate(1), renumbered: true);
        ledger.Append(100);
        Assert.Equal(expected, PromptMatch.ReusableLength(Prompt(common, more), Conversation, ledger, prefix: 0, TakingBack.Cuts));
    }

    [Theory]
    [InlineData(100, 20, 100)]
    [InlineData(99, 21, 0)]
    [InlineData(100, 0, 0)] // the last token is decoded again
    public void ReusableLength_StateThatCannotGoBack_IsAllOrNothing(int common, int more, int expected)
    {
        RowLedger ledger = new(RowLedgerTests.Separate(1), renumbered: false);
        ledger.Append(100);
        Assert.Equal(expected, PromptMatch.ReusableLength(Prompt(common, more), Conversation, ledger, prefix: 0, TakingBack.Never));
    }

    [Theory]
    [InlineData(100, 1, 0, true)]   // all of it
    [InlineData(60, 40, 0, true)]   // more than half of both
    [InlineData(50, 50, 0, true)]
    [InlineData(49, 51, 0, false)]
    [InlineData(60, 40, 40, false)] // 20 of 60 after the system prompt
    [InlineData(70, 30, 40, true)]
    [InlineData(30, 10, 0, true)]   // half of the prompt, which is shorter
    [InlineData(0, 10, 0, false)]
    public void IsContinuedBy_Prompt_SharesHalfAfterTheSystemPrompt(int common, int more, int prefix, bool expected) =>
        Assert.Equal(expected, PromptMatch.IsContinuedBy(Prompt(common, more), Conversation, prefix));

    private static int[] Prompt(int common, int more) => [.. Conversation[..common], .. Enumerable.Range(1000, more)];
}
