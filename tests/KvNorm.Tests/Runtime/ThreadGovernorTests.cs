using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

/// <summary>A machine is a function from threads to milliseconds of a decode; its clock moves by what a decode takes.</summary>
public sealed class ThreadGovernorTests
{
    private static readonly Func<int, double> IdleTwo = static threads => threads == 2 ? 10 : 14;
    private static readonly Func<int, double> BusyTwo = static threads => threads == 2 ? 300 : 20;

    [Theory]
    [InlineData(1, 1, new[] { 1 })]
    [InlineData(2, 1, new[] { 2, 1 })]
    [InlineData(8, 1, new[] { 8, 7, 5, 3, 2, 1 })]
    [InlineData(16, 1, new[] { 16, 15, 11, 8, 6, 4, 3, 2, 1 })]
    [InlineData(6, 6, new[] { 6 })]
    public void Steps_Cores_FallByAQuarter(int maximum, int minimum, int[] steps) =>
        Assert.Equal(steps, ThreadGovernor.Steps(maximum, minimum));

    [Fact]
    public void Plan_FixedNumber_IsObeyedWithoutALimit()
    {
        ThreadGovernor governor = new(4, 4);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(new DecodePlan(4, null), governor.Plan(1));
            governor.Observe(TimeSpan.FromMilliseconds(i % 7 == 0 ? 5000 : 10), brokenOff: false);
        }
    }

    [Fact]
    public void Plan_IdleMachine_MeasuresOnceAndThenTriesNothing()
    {
        Machine machine = new(2);
        int[] threads = machine.Run(IdleTwo, 2000);
        Assert.Equal([1, .. Enumerable.Repeat(2, 1999)], threads);
    }

    [Fact]
    public void Plan_MoreThreadsNoBetter_StaysWithFew()
    {
        Machine machine = new(2);
        machine.Run(static _ => 5, 10);
        Assert.True(machine.Run(static _ => 5, 1000).Count(static threads => threads == 1) > 950);
    }

    [Fact]
    public void Plan_OtherWorkFromTheStart_FewThreadsAtOnce()
    {
        Machine machine = new(2);
        machine.Run(BusyTwo, 100);
        Assert.True(machine.Milliseconds < 100 * 20 * 1.1);
    }

    [Fact]
    public void Plan_OtherWorkBegins_FewThreadsWithinOneLimit()
    {
        Machine machine = new(2);
        machine.Run(IdleTwo, 500);
        double before = machine.Milliseconds;
        machine.Run(BusyTwo, 100);
        Assert.True(machine.Milliseconds - before < 100 * 20 * 1.1);
    }

    [Fact]
    public void Plan_OtherWorkThatSlowsALittle_FewThreads()
    {
        Machine machine = new(2);
        machine.Run(IdleTwo, 500);
        machine.Run(static threads => threads == 2 ? 24 : 14, 50);
        Assert.True(machine.Run(static threads => threads == 2 ? 24 : 14, 500).Count(static threads => threads == 1) > 480);
    }

    [Fact]
    public void Plan_OtherWorkGoesOn_TrialsCostFewPercent()
    {
        Machine machine = new(2);
        machine.Run(BusyTwo, 100);
        double before = machine.Milliseconds;
        machine.Run(BusyTwo, 5000);
        Assert.True(machine.Milliseconds - before < 5000 * 20 * 1.03);
    }

    [Fact]
    public void Plan_OtherWorkEnds_AllThreadsWithinASecond()
    {
        Machine machine = new(2);
        machine.Run(BusyTwo, 500);
        machine.Run(IdleTwo, 1500 / 14);
        Assert.All(machine.Run(IdleTwo, 100), static threads => Assert.Equal(2, threads));
    }

    [Fact]
    public void Plan_OneCoreOfSixteenTaken_FindsFifteen()
    {
        Machine machine = new(16);
        machine.Run(static threads => 160.0 / threads, 500);
        machine.Run(static threads => threads == 16 ? 200 : 160.0 / threads, 200);
        Assert.True(machine.Run(static threads => threads == 16 ? 200 : 160.0 / threads, 500).Count(static threads => threads == 15) > 480);
    }

    [Fact]
    public void Plan_OneSlowDecode_ChangesLittle()
    {
        Machine machine = new(2);
        machine.Run(IdleTwo, 500);
        machine.Run(static _ => 25, 1);
        Assert.All(machine.Run(IdleTwo, 200), static threads => Assert.Equal(2, threads));
    }

    [Fact]
    public void Plan_Prefill_FollowsWhatDecodesHaveShownWithoutALimit()
    {
        Machine machine = new(2);
        Assert.Equal(new DecodePlan(2, null), machine.Governor.Plan(512));
        machine.Run(BusyTwo, 50);
        Assert.Equal(new DecodePlan(1, null), machine.Governor.Plan(512));
    }

    [Fact]
    public void Plan_Prefill_HasAllThreadsWhereTheyOnlyGainATokenNothing()
    {
        Machine machine = new(2);
        machine.Run(static threads => threads == 2 ? 15 : 14, 50);
        Assert.Equal(1, machine.Governor.Plan(1).Threads);
        Assert.Equal(2, machine.Governor.Plan(512).Threads);
    }

    [Fact]
    public void Plan_FirstDecodeThatStartsTheThreads_IsNotTheJudge()
    {
        Machine machine = new(2);
        int decodes = 0;
        machine.Run(threads => threads == 1 ? 14 : decodes++ == 0 ? 20 : 10, 3);
        Assert.All(machine.Run(IdleTwo, 100), static threads => Assert.Equal(2, threads));
    }

    [Fact]
    public void Plan_BatchesOfTwoSizesDuringATrial_NoneIsWithoutALimit()
    {
        Machine machine = new(2);
        machine.Run(static threads => threads == 2 ? 15 : 14, 2); // the trial goes on
        Assert.Equal(1, machine.Governor.Plan(4).Threads);
        machine.Governor.Observe(TimeSpan.FromMilliseconds(30), brokenOff: false);
        DecodePlan next = machine.Governor.Plan(1);
        Assert.True(next.Threads == 1 || next.Limit is not null);
    }

    [Fact]
    public void Plan_ABatchOfSeveralSequences_IsLimitedByWhatOneTookAtMost()
    {
        Machine machine = new(2);
        machine.Run(IdleTwo, 100);
        DecodePlan plan = machine.Governor.Plan(4);
        Assert.Equal(2, plan.Threads);
        Assert.InRange(plan.Limit!.Value.TotalMilliseconds, 100, 500);
    }

    private sealed class Machine(int cores) : TimeProvider
    {
        private ThreadGovernor? _governor;

        public ThreadGovernor Governor => _governor ??= new ThreadGovernor(cores, 1, this);

        public double Milliseconds { get; private set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)(Milliseconds * 1000);

        /// <summary>Decodes tokens, one at a time; gives the threads that each was computed with in the end.</summary>
        public int[] Run(Func<int, double> milliseconds, int tokens) => [.. Enumerable.Range(0, tokens).Select(_ => Decode(milliseconds))];

        private int Decode(Func<int, double> milliseconds)
        {
            while (true)
            {
                DecodePlan plan = Governor.Plan(1);
                double needed = milliseconds(plan.Threads);
                bool brokenOff = plan.Limit is { } limit && needed > limit.TotalMilliseconds;
                double taken = brokenOff ? plan.Limit!.Value.TotalMilliseconds : needed;
                Milliseconds += taken;
                Governor.Observe(TimeSpan.FromMilliseconds(taken), brokenOff);
                if (!brokenOff)
                    return plan.Threads;
            }
        }
    }
}
