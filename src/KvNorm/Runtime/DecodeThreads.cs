namespace KvNorm.Runtime;

/// <summary>
/// The threads that decode. llama.cpp's CPU backend computes by OpenMP, which keeps a team of threads for every thread that calls it. Once
/// the teams of a process have more threads than it has cores, libgomp's no longer spin at barriers but sleep, and a token of a small model
/// takes up to 1.4 times as long. Callers on the thread pool would leave a team with each of its threads. So every context has one thread
/// to decode on, of its own as long as the teams fit the cores; beyond that contexts share one, where two at once would only take the cores
/// from each other.
/// </summary>
/// <param name="cores">Cores that this process may run on.</param>
/// <param name="canShare">Whether contexts may wait for each other: on a GPU they need not.</param>
internal sealed class DecodeThreads(int cores, bool canShare)
{
    private readonly Lock _gate = new();
    private readonly List<Lease> _leases = [];

    /// <summary>Gets those of this process. The libraries must be loaded.</summary>
    public static DecodeThreads OfProcess { get; } = new(Environment.ProcessorCount, LlamaLibrary.HasCpuOnly);

    /// <summary>A thread to decode on.</summary>
    /// <param name="team">The maximum of CPU threads of a decode.</param>
    public DecodeThread Rent(int team)
    {
        lock (_gate)
        {
            // Of a team the caller is one, so a team of one adds none.
            bool fits = _leases.Sum(static lease => lease.Team - 1) + team <= cores;
            Lease? shared = canShare && !fits ? _leases.MaxBy(lease => (Math.Min(lease.Team, team), -lease.Users)) : null;
            if (shared is null)
                _leases.Add(shared = new Lease(new DecodeThread()));
            shared.Team = Math.Max(shared.Team, team);
            shared.Users++;
            return shared.Thread;
        }
    }

    /// <summary>Gives a rented thread back; it ends with the last that used it.</summary>
    public void Return(DecodeThread thread)
    {
        lock (_gate)
        {
            Lease lease = _leases.Find(lease => lease.Thread == thread)!;
            if (--lease.Users > 0)
                return;
            _leases.Remove(lease);
            thread.Dispose();
        }
    }

    private sealed class Lease(DecodeThread thread)
    {
        public DecodeThread Thread => thread;

        public int Team { get; set; }

        public int Users { get; set; }
    }
}
