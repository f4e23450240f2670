namespace KvNorm.Runtime;

/// <summary>
/// How many threads llama.cpp should use: one per physical core that this process may run on. A second thread on a core only slows its
/// matrix products.
/// </summary>
internal static class ProcessorCores
{
    private const string TopologyRoot = "/sys/devices/system/cpu";

    public static int Count { get; } = Math.Clamp(
        OperatingSystem.IsLinux() ? FromTopology(TopologyRoot) : int.MaxValue, 1, Environment.ProcessorCount);

    /// <summary>Distinct sets of sibling threads under a sysfs folder; int.MaxValue when it says nothing.</summary>
    internal static int FromTopology(string root)
    {
        try
        {
            int cores = Directory.EnumerateDirectories(root, "cpu*")
                .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(file => File.ReadAllText(file).Trim())
                .Distinct(StringComparer.Ordinal)
                .Count();
            return cores > 0 ? cores : int.MaxValue;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return int.MaxValue;
        }
    }
}
