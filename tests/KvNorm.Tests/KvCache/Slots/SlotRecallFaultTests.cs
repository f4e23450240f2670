using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.Logging;
using static KvNorm.Tests.KvCache.Slots.SlotRecallTests;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>Recall where something went wrong or is no more what it was.</summary>
public sealed class SlotRecallFaultTests : IDisposable
{
    private static readonly int[] OtherFact = [.. "qvvmq".Select(static letter => TinyVocabulary.FirstByte + letter), Fact[^1]];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Recall_FileIsShorterThanWhatWasWritten_AnswersWithoutItAndLosesNothing()
    {
        if (!OperatingSystem.IsLinux())
            return; // only there a file without a name can be got at
        RecordingLogger logger = new();
        using SlotFixture fixture = Fixture(new ArchiveLimits(2 << 20, _folder.Path, 64 << 20), logger);
        int fact = ReadFactAndNoise(fixture.Slot, 6000);
        long inFile = fixture.Pool.Statistics.ArchiveFileBytes;
        float[] held = fixture.Slot.Retention().Held;
        OpenFiles.Truncate(_folder.Path);
        Assert.Equal(0, fixture.Slot.Recall(new(Fact), Fact.Length).Tokens);
        Assert.True(inFile > 0);
        Assert.Equal(held, fixture.Slot.Retention().Held);
        Assert.Single(logger.Warnings);
        fixture.AssertConsistent();

        // It goes on with what is in memory, and what it is asked for comes from there.
        int next = fixture.Slot.Conversation.Length;
        fixture.Slot.Prefill([.. OtherFact, .. Noise(4, 400)], logits: true);
        Assert.True(fixture.Slot.Recall(new(OtherFact), OtherFact.Length).Tokens > 0);
        Assert.Equal(1, Held(fixture.Slot, next));
        Assert.Single(logger.Warnings);
        Assert.True(Held(fixture.Slot, fact) < 0.9);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Recall_SlotGivenUpAndTakenAgain_KnowsItsOwnConversationOnly()
    {
        using SlotFixture fixture = Fixture(new ArchiveLimits(64 << 20));
        int[] first = [.. Noise(1, 20), .. Fact, .. Noise(3, 500)], second = [.. Noise(5, 20), .. OtherFact, .. Noise(6, 500)];
        for (int round = 0; round < 2; round++)
        {
            AssertRecalls(first, Fact, OtherFact);
            AssertRecalls(second, OtherFact, Fact);
        }

        void AssertRecalls(int[] prompt, int[] said, int[] unsaid)
        {
            Slot slot = fixture.Serve(prompt).Slot;
            Assert.Equal(0, slot.Recall(new(unsaid), unsaid.Length).Tokens);
            Assert.True(slot.Recall(new(said), said.Length).Tokens > 0);
            Assert.Equal(1, Held(slot, 20));
            fixture.AssertConsistent();
        }
    }

    [Fact]
    public void Recall_FactEditedInTheMiddle_BringsTheNewOneBack()
    {
        using SlotFixture fixture = Fixture(new ArchiveLimits(64 << 20));
        int[] before = Noise(1, 20), after = Noise(3, 500);
        fixture.Serve([.. before, .. Fact, .. after]);
        Assert.True(fixture.Slot.Recall(new(Fact), Fact.Length).Tokens > 0);
        fixture.Serve([.. before, .. OtherFact, .. after]);
        Assert.Equal(0, fixture.Slot.Recall(new(Fact), Fact.Length).Tokens);
        (TokenRange[] spans, int tokens) = fixture.Slot.Recall(new(OtherFact), OtherFact.Length);
        Assert.Equal([new TokenRange(before.Length, before.Length + OtherFact.Length)], spans);
        Assert.True(tokens > 0);
        fixture.AssertConsistent();
    }

    // What was said first goes for sure.
    private static SlotFixture Fixture(ArchiveLimits archive, ILogger? logger = null) =>
        new(KvCacheBudget.FromCells(256), policy: EvictionPolicy.Named("recency"), logger: logger, archive: archive);
}
