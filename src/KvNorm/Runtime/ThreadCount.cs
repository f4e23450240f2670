namespace KvNorm.Runtime;

/// <summary>
/// CPU threads: a fixed number, or at most so many and as few as the machine's other work makes better (<see cref="ThreadGovernor"/>).
/// </summary>
/// <param name="Maximum">Threads on an idle machine.</param>
/// <param name="Minimum">Threads that are never gone below.</param>
internal readonly record struct ThreadCount(int Maximum, int Minimum)
{
    /// <summary>Gets one thread per physical core, fewer beside other work.</summary>
    public static ThreadCount Automatic => new(ProcessorCores.Count, 1);

    public static implicit operator ThreadCount(int count) => new(count, count);
}
