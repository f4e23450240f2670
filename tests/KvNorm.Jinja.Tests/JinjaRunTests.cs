namespace KvNorm.Jinja.Tests;

public sealed class JinjaRunTests
{
    private static readonly JinjaLimits Limits = new() { MaxSteps = 10_000, MaxTextLength = 100, MaxListLength = 10, MaxDepth = 3 };

    // A run looks at its steps every 4096 of them.
    [Theory]
    [InlineData(10_000, false)]
    [InlineData(20_000, true)]
    public void Charge_Steps_AreRefusedBeyondTheLimit(int steps, bool refused) => Check(refused, run =>
    {
        for (int i = 0; i < steps; i++)
            run.Charge(1);
    });

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void ChargeText_Length_IsRefusedBeyondTheLimit(int length, bool refused) => Check(refused, run => run.ChargeText(length, 0));

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void ChargeList_Length_IsRefusedBeyondTheLimit(int length, bool refused) => Check(refused, run => run.ChargeList(length));

    // The worst case of a search compares the pattern at every offset of the text.
    [Theory]
    [InlineData(1_000, 10, false)]
    [InlineData(20_000, 10_000, true)]
    public void ChargeSearch_WorstCase_IsRefusedBeyondTheLimit(int text, int pattern, bool refused) =>
        Check(refused, run => run.ChargeSearch(text, pattern));

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void Enter_Depth_IsRefusedBeyondTheLimit(int depth, bool refused) => Check(refused, run =>
    {
        for (int i = 0; i < depth; i++)
            run.Enter();
        for (int i = 0; i < depth; i++)
            run.Leave();
        run.Enter();
    });

    [Fact]
    public void Fail_Message_HasTheLine()
    {
        JinjaRun run = Runs.New();
        run.Line = 7;
        JinjaException error = run.Fail("what");
        Assert.Equal(("line 7: what", 7, false), (error.Message, error.Line, error.RaisedByTemplate));
    }

    [Fact]
    public void Charge_Cancelled_EndsTheRun()
    {
        using CancellationTokenSource cancelled = new();
        JinjaRun run = Runs.New(cancellationToken: cancelled.Token);
        run.Charge(1);
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => run.Charge(10_000));
    }

    private static void Check(bool refused, Action<JinjaRun> use) =>
        Assert.Equal(refused, Record.Exception(() => use(Runs.New(Limits))) is JinjaException);
}
