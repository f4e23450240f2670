using KvNorm.Runtime;
using LLama.Native;

namespace KvNorm.Tests.Runtime;

public sealed class DecodeThreadTests : IDisposable
{
    private readonly DecodeThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void All_that_is_decoded_is_decoded_on_the_same_thread_whoever_asks()
    {
        HashSet<int> threads = [];
        Parallel.For(0, 50, _ => Run(() =>
        {
            threads.Add(Environment.CurrentManagedThreadId); // no lock: there is one thread
            return DecodeResult.Ok;
        }));
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
        Assert.Single(threads);
    }

    [Fact]
    public void The_result_is_the_callers_own()
    {
        int wrong = 0;
        Parallel.For(-50, 50, number =>
        {
            if (Run(() => (DecodeResult)number) != (DecodeResult)number)
                Interlocked.Increment(ref wrong);
        });
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_failure_reaches_the_caller_and_the_thread_goes_on()
    {
        ObjectDisposedException failure = Assert.Throws<ObjectDisposedException>(
            () => Run(static () => throw new ObjectDisposedException("context")));
        Assert.Equal("context", failure.ObjectName);
        Assert.Equal(DecodeResult.Ok, Run(static () => DecodeResult.Ok));
    }

    [Fact]
    public void A_job_can_be_asked_for_again()
    {
        int times = 0;
        DecodeThread.Job job = new(() => ++times == 2 ? throw new InvalidOperationException("second") : (DecodeResult)times);
        Assert.Equal((DecodeResult)1, _thread.Run(job));
        Assert.Throws<InvalidOperationException>(() => _thread.Run(job));
        Assert.Equal((DecodeResult)3, _thread.Run(job));
    }

    [Fact]
    public void Decodes_are_done_in_the_order_in_which_they_were_asked_for()
    {
        using ManualResetEventSlim first = new();
        List<int> order = [];
        Thread[] callers = [.. Enumerable.Range(0, 5).Select(number => new Thread(() => Run(() =>
        {
            first.Wait();
            order.Add(number);
            return DecodeResult.Ok;
        })))];
        foreach (Thread caller in callers)
        {
            caller.Start();
            SpinWait.SpinUntil(() => caller.ThreadState.HasFlag(ThreadState.WaitSleepJoin)); // it has asked, and waits
        }

        first.Set();
        Array.ForEach(callers, static caller => caller.Join());
        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public void Nothing_is_taken_after_its_end()
    {
        _thread.Dispose();
        Assert.ThrowsAny<InvalidOperationException>(() => Run(static () => DecodeResult.Ok));
    }

    [Fact]
    public void It_can_be_ended_also_when_its_thread_is_gone()
    {
        Thread? thread = null;
        Run(() =>
        {
            thread = Thread.CurrentThread;
            return DecodeResult.Ok;
        });
        _thread.Dispose();
        thread!.Join();
        _thread.Dispose();
        // Exactly this, which says that nothing was disposed of: a first end may look at it this late, too.
        Assert.Throws<InvalidOperationException>(() => Run(static () => DecodeResult.Ok));
    }

    private DecodeResult Run(Func<DecodeResult> decode) => _thread.Run(new DecodeThread.Job(decode));
}
