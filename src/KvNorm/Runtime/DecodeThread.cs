using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>
/// A thread that decodes for others, in their order. llama.cpp's CPU backend computes by OpenMP, which keeps a team of threads for every thread that calls it.
/// Once the teams of a process have more threads than the machine has cores, libgomp's no longer spin at barriers but sleep, and a token of a small model
/// takes up to 1.4 times as long. Callers on the thread pool would leave a team with each of its threads, so nobody decodes on a thread of their own.
/// </summary>
internal sealed class DecodeThread : IDisposable
{
    private readonly BlockingCollection<Job> _jobs = [];

    public DecodeThread() => new Thread(Work) { IsBackground = true, Name = "KvNorm decode" }.Start();

    /// <summary>
    /// Gets the one for the CPU, on which decodes of two contexts at once would only take the cores from each other. It lives as long as the process.
    /// </summary>
    public static DecodeThread Cpu { get; } = new();

    /// <summary>Decodes there, and waits for it.</summary>
    /// <exception cref="Exception">What it threw.</exception>
    public DecodeResult Run(Func<DecodeResult> decode)
    {
        Job job = new(decode);
        _jobs.Add(job);
        return job.Wait();
    }

    /// <summary>Takes nothing more. What was taken is done.</summary>
    public void Dispose() => _jobs.CompleteAdding();

    private void Work()
    {
        foreach (Job job in _jobs.GetConsumingEnumerable())
            job.Run();
        _jobs.Dispose();
    }

    // No Task: one that is waited for on the thread pool may be run there, and has the pool start another thread.
    private sealed class Job(Func<DecodeResult> decode)
    {
        private readonly object _done = new();
        private DecodeResult _result;
        private ExceptionDispatchInfo? _failure;
        private bool _isDone;

        public void Run()
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

        public DecodeResult Wait()
        {
            lock (_done)
            {
                while (!_isDone)
                    Monitor.Wait(_done);
            }

            _failure?.Throw();
            return _result;
        }
    }
}
