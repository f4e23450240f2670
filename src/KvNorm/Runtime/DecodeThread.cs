using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>A thread that decodes for others, in their order. <see cref="DecodeThreads"/> says why.</summary>
internal sealed class DecodeThread : IDisposable
{
    // Never disposed of: a caller may still be in the middle of CompleteAdding when the thread sees the end. It holds nothing native.
    private readonly BlockingCollection<Job> _jobs = [];

    // It is everybody's, so the ambient values of the one who makes it stay behind.
    public DecodeThread() => new Thread(Work) { IsBackground = true, Name = "KvNorm decode" }.UnsafeStart();

    /// <summary>Decodes there, and waits for it.</summary>
    /// <param name="job">What to decode, which one caller at a time may use.</param>
    /// <exception cref="Exception">What it threw.</exception>
    public DecodeResult Run(Job job)
    {
        _jobs.Add(job);
        return job.Wait();
    }

    /// <summary>Takes nothing more. What was taken is done.</summary>
    public void Dispose() => _jobs.CompleteAdding();

    private void Work()
    {
        foreach (Job job in _jobs.GetConsumingEnumerable())
            job.Run();
    }

    /// <summary>
    /// A decode that can be asked for again and again. No Task: one that is waited for on the thread pool may be run there, and has the
    /// pool start another thread.
    /// </summary>
    public sealed class Job(Func<DecodeResult> decode)
    {
        private readonly object _done = new();
        private DecodeResult _result;
        private ExceptionDispatchInfo? _failure;
        private bool _isDone;

        internal void Run()
        {
            try
            {
                _result = decode();
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            lock (_done)
            {
                _isDone = true;
                Monitor.Pulse(_done);
            }
        }

        internal DecodeResult Wait()
        {
            lock (_done)
            {
                while (!_isDone)
                    Monitor.Wait(_done);
                _isDone = false;
            }

            if (Interlocked.Exchange(ref _failure, null) is { } failure)
                failure.Throw();
            return _result;
        }
    }
}
