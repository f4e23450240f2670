using System.Diagnostics;
using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class DecodeAbortTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly DecodeAbort _abort = new();

    [Fact]
    public void Callback_NoLimitAndNoCancellation_GoesOn()
    {
        using CancellationTokenRegistration armed = _abort.Arm(null, CancellationToken.None);
        Assert.False(Aborts());
    }

    [Fact]
    public void Callback_Limit_StopsWhenItIsOver()
    {
        using (_abort.Arm(Long, CancellationToken.None))
            Assert.False(Aborts());
        TimeSpan limit = TimeSpan.FromMilliseconds(20);
        long start = Stopwatch.GetTimestamp();
        using (_abort.Arm(limit, CancellationToken.None))
        {
            while (!Aborts())
                Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
            Assert.True(Stopwatch.GetElapsedTime(start) >= limit);
        }
    }

    [Fact]
    public void Callback_LimitOfAnyLength_IsNoOverflow()
    {
        using (_abort.Arm(TimeSpan.MaxValue, CancellationToken.None))
            Assert.False(Aborts());
        using (_abort.Arm(TimeSpan.MinValue, CancellationToken.None))
            Assert.True(Aborts());
    }

    [Fact]
    public void Callback_Cancellation_StopsAtOnce()
    {
        using CancellationTokenSource source = new();
        using CancellationTokenRegistration armed = _abort.Arm(Long, source.Token);
        Assert.False(Aborts());
        source.Cancel();
        Assert.True(Aborts());
    }

    [Fact]
    public void Callback_CancelledBefore_StopsAtOnce()
    {
        using CancellationTokenRegistration armed = _abort.Arm(null, new CancellationToken(canceled: true));
        Assert.True(Aborts());
    }

    [Fact]
    public void Arm_AfterADecodeThatStopped_StartsAnew()
    {
        using CancellationTokenSource source = new();
        using (_abort.Arm(TimeSpan.Zero, source.Token))
            source.Cancel();
        Assert.True(Aborts());
        using CancellationTokenRegistration armed = _abort.Arm(null, CancellationToken.None);
        Assert.False(Aborts());
    }

    [Fact]
    public void Arm_CancellationOfAnEarlierDecode_DoesNotStopTheNext()
    {
        using CancellationTokenSource source = new();
        using (_abort.Arm(null, source.Token))
            Assert.False(Aborts());
        using CancellationTokenRegistration armed = _abort.Arm(null, CancellationToken.None);
        source.Cancel();
        Assert.False(Aborts());
    }

    [Fact]
    public void Address_OtherContext_HasAStateOfItsOwn()
    {
        DecodeAbort other = new();
        using CancellationTokenRegistration stopped = other.Arm(null, new CancellationToken(canceled: true));
        using CancellationTokenRegistration armed = _abort.Arm(null, CancellationToken.None);
        Assert.False(Aborts());
        Assert.NotEqual(_abort.Address, other.Address);
        GC.KeepAlive(other);
    }

    // As llama.cpp asks.
    private unsafe bool Aborts() => ((delegate* unmanaged[Cdecl]<nint, byte>)DecodeAbort.Callback)(_abort.Address) != 0;
}
