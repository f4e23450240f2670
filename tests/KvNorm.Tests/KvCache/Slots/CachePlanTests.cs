using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class CachePlanTests
{
    private static readonly KvCacheBudget Budget = KvCacheBudget.FromCells(400);

    [Fact]
    public void Create_Slots_GetEqualShares()
    {
        using LlamaModel model = TinyModel.Load();
        CachePlan plan = Plan(model, slots: 4);
        Assert.Equal((100, 100, 50), (plan.Capacity.Cells, plan.Capacity.High, plan.Capacity.Low));
        Assert.Equal(100, plan.Rules.Cells);
    }

    [Theory]
    [InlineData(EvictionMechanism.RewriteRows, 4, true, true)]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions, 4, false, true)]
    [InlineData(EvictionMechanism.RemoveCells, 1, false, false)]
    public void Create_Mechanism_DecidesSetsRotationsAndSaving(EvictionMechanism mechanism, int sets, bool turns, bool saves)
    {
        using LlamaModel model = TinyModel.Load();
        CachePlan plan = Plan(model, mechanism: mechanism);
        Assert.Equal((sets, turns, saves), (plan.Rules.Sets.Count, plan.Rules.Rotations is not null, plan.CanSave));
        Assert.Equal((sets, turns), (plan.CreateLedger().SetCount, plan.CreateLedger().Renumbered));
        Assert.Equal(4, plan.HeadCount);
    }

    [Fact]
    public void Create_SlidingWindow_WidensTheRecentWindow()
    {
        using LlamaModel sliding = TinyModel.Load(new TinyModelSettings { Architecture = "gemma3", Layers = 6 }), plain = TinyModel.Load();
        Assert.Equal(64 / 200.0, Plan(sliding).Policy.RecentWindow);
        Assert.Equal(0.25, Plan(plain).Policy.RecentWindow);
    }

    [Theory]
    [InlineData("llama", "Cuts")]
    [InlineData("gemma3", "DropsRows")]
    [InlineData("lfm2", "Never")]
    public void TakingBack_Model_IsAsFarAsItsStateAllows(string architecture, string expected)
    {
        using LlamaModel model = TinyModel.Load(TinyModelSettings.Of(architecture));
        Assert.Equal(expected, Plan(model).TakingBack.ToString());
    }

    [Fact]
    public void Create_PolicyThatIsNone_Throws()
    {
        using LlamaModel model = TinyModel.Load();
        Assert.Throws<ArgumentOutOfRangeException>(() => Plan(model, EvictionPolicy.Salience with { Sinks = -1 }));
    }

    [Fact]
    public void Create_SinksThatFillTheCache_Throws()
    {
        using LlamaModel model = TinyModel.Load();
        Assert.Throws<KvCacheBudgetException>(() => Plan(model, EvictionPolicy.Salience with { Sinks = 300 }));
    }

    [Theory]
    [InlineData(10, 100, 65)]  // a quarter of 100 is the recent window
    [InlineData(75, 100, 0)]
    [InlineData(90, 100, -15)]
    [InlineData(0, 1, 0)]
    public void RoomBeside_FrontAndWindow_IsTheRest(int front, int kept, int expected)
    {
        using LlamaModel model = TinyModel.Load();
        Assert.Equal(expected, Plan(model).RoomBeside(front, kept));
    }

    [Theory]
    [InlineData(4, 200)] // the low mark
    [InlineData(149, 200)]
    [InlineData(150, 203)] // (150 + 2) / 0.75, rounded up
    [InlineData(279, 375)] // a sixteenth of the 400 cells goes
    public void KeptBeside_Front_IsTheLowMarkOrWhatMustStay(int front, int expected)
    {
        using LlamaModel model = TinyModel.Load();
        CachePlan plan = Plan(model);
        Assert.Equal(expected, plan.KeptBeside(front, plan.Capacity));
        Assert.True(plan.RoomBeside(front, expected) > 0);
    }

    [Fact]
    public void KeptBeside_NextToNothingWouldGo_SaysWhatSuffices()
    {
        using LlamaModel model = TinyModel.Load();
        KvCacheBudgetException exception = Assert.Throws<KvCacheBudgetException>(() => Kept(Plan(model), 280));
        Assert.Equal((403, 400), (exception.RequiredCells, exception.AvailableCells)); // (376 + 1) / (15 / 16), rounded up
        Assert.Contains("280", exception.Message, StringComparison.Ordinal);
        Assert.Contains("375", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeptBeside_LowMarkNearTheHighOne_IsObeyed()
    {
        using LlamaModel model = TinyModel.Load();
        KvCacheBudget budget = Budget with { LowMark = 0.99 };
        CachePlan plan = CachePlan.Create(model, ModelProbe.Run(model, 1), budget, EvictionPolicy.Salience, 1, 1);
        Assert.Equal(396, plan.KeptBeside(4, plan.Capacity));
    }

    [Fact]
    public void KeptBeside_WindowThatIsNearlyAll_IsRefusedAndNoOverflow()
    {
        using LlamaModel model = TinyModel.Load();
        Assert.Throws<KvCacheBudgetException>(() => Plan(model, EvictionPolicy.Salience with { RecentWindow = 1 - 1e-12 }));
    }

    [Fact]
    public void KeptBeside_MoreThanTheModelWasTrainedFor_SaysThatNoBudgetIsEnough()
    {
        using LlamaModel model = TinyModel.Load();
        KvCacheBudgetException exception = Assert.Throws<KvCacheBudgetException>(() => Kept(Plan(model), 2000));
        Assert.Contains("no budget is enough", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, 350, false)] // nothing has to go
    [InlineData(401, 270, false)]
    [InlineData(401, 350, true)]
    public void RequireRoomFor_SystemPrompt_IsRefusedOnlyWhereAnEvictionIsDue(int tokens, int system, bool refused)
    {
        using LlamaModel model = TinyModel.Load();
        Exception? exception = Record.Exception(() => Plan(model).RequireRoomFor(tokens, system));
        Assert.Equal(refused, exception is KvCacheBudgetException);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.9)]
    public void LeastCellsFor_AnySystemPromptThatIsNotRefused_LeavesSomethingToEvict(double highMark)
    {
        using LlamaModel model = TinyModel.Load();
        KvCacheBudget budget = KvCacheBudget.FromCells(800) with { HighMark = highMark };
        CachePlan plan = CachePlan.Create(model, ModelProbe.Run(model, 1), budget, EvictionPolicy.Salience, 1, slots: 2, unified: true);
        int refused = 0;
        for (int system = 0; system < 400; system++)
        {
            CacheCapacity least = budget.CapacityOf(plan.LeastCellsFor(system));
            Assert.InRange(least.Cells, plan.Capacity.Cells, plan.Shares.Equal.Cells);
            if (Record.Exception(() => plan.RequireRoomFor(401, system)) is not null)
                refused++;
            else
                Assert.InRange(plan.KeptBeside(Math.Max(system, plan.Policy.Sinks), least), 1, least.High - 1);
        }

        Assert.InRange(refused, 1, 200);
    }

    [Theory]
    [InlineData("salience", true)]
    [InlineData("keynorm", true)]
    [InlineData("random", false)]
    public void CreateScorer_CacheThatCannotBeRead_IsRecencyWhereRowsAreWanted(string policy, bool isReplaced)
    {
        using LlamaModel model = TinyModel.Load();
        ModelProbe probe = ModelProbe.Run(model, 1) with { Geometry = null, Mechanism = EvictionMechanism.RemoveCells, Frequencies = null };
        CachePlan plan = CachePlan.Create(model, probe, Budget, EvictionPolicy.Named(policy), 1, 1);
        Assert.Equal((1, isReplaced), (plan.HeadCount, plan.CreateScorer() is RecencyScorer));
    }

    [Fact]
    public void ConfirmedIn_FrequenciesThatDoNotHold_AreMeasuredAnew()
    {
        using LlamaModel model = TinyModel.Load();
        ModelProbe probe = ModelProbe.Run(model, 1);
        IReadOnlyList<double[]?> wrong =
            [.. probe.Frequencies!.Select(static known => known!.Select(static frequency => frequency * 1.5).ToArray())];
        CachePlan plan = CachePlan.Create(model, probe with { Frequencies = wrong }, Budget, EvictionPolicy.Salience, 1, 1);
        using LlamaContext context = new(model, new LlamaContextSettings(400, 64, 1));
        Assert.Equal(probe.Frequencies![0]![3], plan.ConfirmedIn(context).Probe.Frequencies![0]![3], 1e-6);
    }

    [Fact]
    public void ConfirmedIn_FrequenciesThatHold_IsTheSamePlan()
    {
        using LlamaModel model = TinyModel.Load();
        CachePlan plan = Plan(model);
        using LlamaContext context = new(model, new LlamaContextSettings(400, 64, 1));
        Assert.Same(plan, plan.ConfirmedIn(context));
    }

    [Fact]
    public void EvictionBytes_SeveralSlots_HaveTheScoringAndTheStateOfOne()
    {
        using LlamaModel model = TinyModel.Load();
        CachePlan four = Plan(model, slots: 4);
        CachePlan one = CachePlan.Create(model, four.Probe, KvCacheBudget.FromCells(100), EvictionPolicy.Salience, 1, slots: 1);
        Assert.Equal(3 * 2 * sizeof(int) * 4 * 50, four.EvictionBytes - one.EvictionBytes); // tokens and rows of four sets of heads
    }

    private static int Kept(CachePlan plan, int front) => plan.KeptBeside(front, plan.Capacity);

    private static CachePlan Plan(LlamaModel model, EvictionPolicy? policy = null, int slots = 1, EvictionMechanism? mechanism = null)
    {
        ModelProbe probe = ModelProbe.Run(model, 1);
        probe = mechanism is { } forced ? SlotMechanismTests.Forced(probe, forced) : probe;
        return CachePlan.Create(model, probe, Budget, policy ?? EvictionPolicy.Salience, 1, slots);
    }
}
