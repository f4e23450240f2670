using System.Text;
using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class ProcessorCoresTests
{
    [Fact]
    public void FromTopology_TwoThreadsPerCore_CountsCores()
    {
        using TemporaryFolder folder = new();
        string[] siblings = ["0,3", "1,4", "2,5", "0,3", "1,4", "2,5"];
        for (int cpu = 0; cpu < siblings.Length; cpu++)
            folder.Write($"cpu{cpu}/topology/thread_siblings_list", Encoding.ASCII.GetBytes(siblings[cpu] + "\n"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "cpufreq"));
        folder.Write("cpuidle/current_driver", []);
        Assert.Equal(3, ProcessorCores.FromTopology(folder.Path));
    }

    [Fact]
    public void FromTopology_NothingKnown_SetsNoLimit()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(int.MaxValue, ProcessorCores.FromTopology(folder.Path));
        Assert.Equal(int.MaxValue, ProcessorCores.FromTopology(Path.Combine(folder.Path, "missing")));
    }

    [Fact]
    public void Count_ThisMachine_IsWithinItsProcessors() => Assert.InRange(ProcessorCores.Count, 1, Environment.ProcessorCount);
}
