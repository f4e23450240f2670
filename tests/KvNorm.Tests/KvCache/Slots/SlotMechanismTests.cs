using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class SlotMechanismTests
{
    private static readonly TinyModelSettings Window = TinyModelSettings.Of("gemma3");
    private static readonly EvictionPolicy MostRecent = EvictionPolicy.Named("recency") with { Sinks = 0, RecentWindow = 0.5 };

    public static TheoryData<string> Models() => [.. TinyKind.Renumbered.Select(static kind => kind.Name), "embedded"];

    // Without sinks the kept rows are one piece of text. Attention depends on distances alone, so renumbering it, with every key turned,
    // must give
    // the logits that llama.cpp gives when it only frees the other cells.
    [Theory]
    [MemberData(nameof(Models))]
    [InlineData("wide-window")] // of more cells than are kept
    public void Read_OnePieceKept_RenumberedRowsGiveTheLogitsOfCellsThatStayed(string name)
    {
        int[] tokens = SlotFixture.Tokens(0, 200), rest = SlotFixture.Tokens(200, 20);
        float[] rewritten = Logits(name, EvictionMechanism.RewriteRows, tokens, rest);
        float[] removed = Logits(name, EvictionMechanism.RemoveCells, tokens, rest);
        AssertSimilar(removed, rewritten, name == "embedded" ? 0.02 : 0.005);
    }

    // The same piece, cut to its first half: turned again, given its old positions, or freed after it.
    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("yarn")]
    public void Resume_OnePieceCut_AllMechanismsGiveTheSameLogits(string name)
    {
        int[] tokens = SlotFixture.Tokens(0, 220), other = [.. tokens[..150], .. SlotFixture.Tokens(500, 30)];
        float[][] logits = [.. Enum.GetValues<EvictionMechanism>().Select(mechanism =>
        {
            using SlotFixture fixture = new(KvCacheBudget.FromCells(200), Settings(name), MostRecent, probe => Forced(probe, mechanism));
            fixture.Slot.Prefill(tokens, logits: false);
            Assert.Equal(150, fixture.Slot.Resume(other));
            fixture.AssertConsistent();
            fixture.Slot.Prefill(other.AsSpan(150), logits: true);
            Assert.Equal((1, 80), (fixture.Slot.Statistics.Evictions, fixture.Slot.Statistics.Cells));
            return fixture.Logits();
        })];
        Assert.Equal(3, logits.Length);
        AssertSimilar(logits[0], logits[1], 0.005);
        AssertSimilar(logits[0], logits[2], 0.005);
    }

    // llama.cpp decodes only after the last cell, so tokens that went before the change are decoded again.
    [Theory]
    [InlineData(EvictionMechanism.RemoveCells)]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions)]
    public void Resume_PositionsKept_GoesBackToTheLastRow(EvictionMechanism mechanism)
    {
        EvictionPolicy policy = EvictionPolicy.Named("random") with { Granularity = EvictionGranularity.All };
        using SlotFixture fixture = new(KvCacheBudget.FromCells(128), policy: policy, change: probe => Forced(probe, mechanism));
        int[] prompt = SlotFixture.Tokens(0, 150);
        fixture.Slot.Prefill(prompt, logits: false);
        float[] held = fixture.Slot.Retention().Held;
        int gap = Array.FindIndex(held, 90, static share => share == 0), last = Array.FindLastIndex(held, gap, static share => share > 0);
        prompt[gap + 1]++;
        Assert.Equal(last + 1, fixture.Slot.Resume(prompt));
        Assert.Equal(held[..(last + 1)].Count(static share => share > 0), fixture.Slot.Statistics.Cells);
        fixture.AssertConsistent();
        Assert.Equal(5, fixture.Greedy(prompt.AsSpan(last + 1), 5).Count);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_SlidingWindow_GoesBackToTheCompleteBeginningAtMost()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256), Window);
        int[] prompt = SlotFixture.Tokens(0, 300);
        fixture.Slot.Prefill(prompt, logits: true);
        int complete = Array.FindIndex(fixture.Slot.Retention().Held, static share => share < 1);
        prompt[230]++;
        int reused = fixture.Slot.Resume(prompt);
        Assert.InRange(reused, 0, complete);
        fixture.Slot.Prefill(prompt.AsSpan(reused), logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_SlidingWindowAfterTheEviction_DropsTheLaterTokensAlone()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256), Window);
        int[] prompt = SlotFixture.Tokens(0, 300);
        fixture.Slot.Prefill(prompt, logits: true);
        float[] logits = fixture.Logits();
        Assert.Equal(290, fixture.Slot.Resume([.. prompt[..290], 7, 8]));
        fixture.Slot.Prefill(prompt.AsSpan(290), logits: true);
        AssertSimilar(logits, fixture.Logits(), 0.005);
    }

    // Where fewer rows are kept than the window has cells, later tokens stand at the positions of the first ones there.
    [Fact]
    public void Resume_SlidingWindowMovedToTheFront_StartsAnew()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(128), Settings("wide-window"));
        fixture.Slot.Pin(10, 0, 10, 10);
        int[] prompt = SlotFixture.Tokens(0, 140);
        fixture.Slot.Prefill(prompt, logits: true);
        prompt[40]++;
        Assert.Equal(0, fixture.Slot.Resume(prompt));
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData(EvictionMechanism.RemoveCells)]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions)]
    public void Read_EmbeddedModelPositionsKept_EvictsAndGoesOn(EvictionMechanism mechanism)
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(128), change: probe => Forced(probe, mechanism), embedded: true);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 300), logits: true);
        fixture.AssertConsistent();
        Assert.Equal(mechanism, fixture.Slot.Statistics.Mechanism);
        Assert.True(fixture.Slot.Statistics.Evictions >= 2);
        Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
        float[] held = fixture.Slot.Retention().Held;
        Assert.Equal(mechanism != EvictionMechanism.RemoveCells, held.Any(static share => share is > 0 and < 1));
    }

    internal static ModelProbe Forced(ModelProbe probe, EvictionMechanism mechanism) => probe with
    {
        Mechanism = mechanism,
        Frequencies = mechanism == EvictionMechanism.RewriteRows ? probe.Frequencies : null,
    };

    // The layers that take part choose the cells, even where layer 0 is not among them; where none takes part, the most recent stay.
    [Fact]
    public void Read_CellsFreedWithSkippedLayers_OthersChoose()
    {
        EvictionPolicy policy = EvictionPolicy.Named("keynorm") with { RecentWindow = 0 };
        float[][] held = [.. new int[][] { [], [0], [1], [0, 1] }.Select(skipped =>
        {
            using SlotFixture fixture = new(
                KvCacheBudget.FromCells(128),
                policy: policy with { SkippedLayers = skipped },
                change: static probe => Forced(probe, EvictionMechanism.RemoveCells));
            fixture.Slot.Prefill(SlotFixture.Tokens(0, 129), logits: true);
            fixture.AssertConsistent();
            Assert.Equal((128 - 64) * fixture.Probe.Geometry!.HeadCount, fixture.Slot.Statistics.EvictedRows);
            return fixture.Slot.Retention().Held;
        })];
        Assert.All(held[3][^60..], static share => Assert.Equal(1, share));
        Assert.Equal(4, held.Select(static shares => string.Concat(shares)).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Read_SameRowsWithPositionsKept_EqualsFreedCells()
    {
        EvictionPolicy policy = EvictionPolicy.Named("random") with { Granularity = EvictionGranularity.All };
        float[][] logits = [.. new[] { EvictionMechanism.RemoveCells, EvictionMechanism.RewriteRowsKeepingPositions }.Select(mechanism =>
        {
            using SlotFixture fixture = new(KvCacheBudget.FromCells(128), policy: policy, change: probe => Forced(probe, mechanism));
            fixture.Slot.Prefill(SlotFixture.Tokens(0, 150), logits: true);
            return fixture.Logits();
        })];
        AssertSimilar(logits[0], logits[1], 0.03); // the two draw for head 0, or share the drawing of all heads
    }

    [Fact]
    public void Read_PositionsRenumbered_PassesTheTrainedLength()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(128), new TinyModelSettings { ContextLength = 256 });
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 1000), logits: true);
        Assert.Equal(1000, fixture.Slot.Conversation.Length);
        fixture.AssertConsistent();
    }

    // Freed as whole cells, as before its cells could be rewritten, and as where they keep their positions.
    [Theory]
    [InlineData(EvictionMechanism.RemoveCells)]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions)]
    [InlineData(EvictionMechanism.RewriteRows)]
    public void Read_SlidingWindow_EvictsAndGoesOn(EvictionMechanism mechanism)
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256), Window, change: probe => Forced(probe, mechanism));
        fixture.Slot.Pin(10, 0, 10, 10);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 700), logits: true);
        fixture.AssertConsistent();
        Assert.True(fixture.Slot.Statistics.Evictions >= 3);
        Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
        float[] held = fixture.Slot.Retention().Held;
        Assert.Equal(mechanism != EvictionMechanism.RemoveCells, held.Any(static share => share is > 0 and < 1));
        Assert.All(held[..10], static share => Assert.Equal(1, share));
        Assert.Equal(5, fixture.Greedy([50], 5).Count);
    }

    // The window layers see the latest tokens whatever the others have lost: what they hold is llama.cpp's own affair.
    [Theory]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions)]
    [InlineData(EvictionMechanism.RewriteRows)]
    public void Read_SlidingWindow_HoldsTheLatestTokensWithoutAGap(EvictionMechanism mechanism)
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256), Window, change: probe => Forced(probe, mechanism));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 300), logits: true);
        using StateBuffer buffer = new();
        fixture.Slot.Sequence.ReadState(buffer);
        SequenceState window = SequenceState.ParseSecond(buffer, SequenceState.Parse(buffer));
        window.SortByPosition();
        int next = fixture.Slot.Conversation.Ledger.NextPosition;
        Assert.True(window.CellCount >= Window.SlidingWindow);
        Assert.Equal(
            Enumerable.Range(next - window.CellCount, window.CellCount), Enumerable.Range(0, window.CellCount).Select(window.Position));
    }

    private static float[] Logits(string name, EvictionMechanism mechanism, int[] tokens, int[] rest)
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(200), Settings(name), MostRecent, probe => Forced(probe, mechanism), name == "embedded");
        fixture.Slot.Prefill(tokens, logits: false);
        fixture.Slot.Prefill(rest, logits: true);
        Assert.Equal((1, 120), (fixture.Slot.Statistics.Evictions, fixture.Slot.Statistics.Cells));
        return fixture.Logits();
    }

    private static TinyModelSettings Settings(string name) => name switch
    {
        "embedded" => new TinyModelSettings(),
        "wide-window" => Window with { SlidingWindow = 128 },
        _ => TinyKind.Named(name).Settings,
    };

    internal static void AssertSimilar(float[] expected, float[] actual, double tolerance)
    {
        double difference = Math.Sqrt(expected.Zip(actual, static (x, y) => Math.Pow(x - y, 2)).Sum());
        Assert.InRange(difference / Math.Sqrt(expected.Sum(static x => Math.Pow(x, 2))), 0, tolerance);
    }
}
