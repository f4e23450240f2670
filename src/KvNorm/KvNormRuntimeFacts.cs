using KvNorm.Runtime;

namespace KvNorm;

/// <summary>What runs the models of this process.</summary>
public sealed record KvNormRuntimeFacts
{
    private KvNormRuntimeFacts()
    {
    }

    /// <summary>Gets the version of LLamaSharp; "unknown" where the application's list of packages does not say.</summary>
    public required string LlamaSharpVersion { get; init; }

    /// <summary>
    /// Gets what was chosen of the backends installed, such as "Cpu, Avx2" or "Cuda"; "own library" for one that the application named.
    /// </summary>
    public required string Backend { get; init; }

    /// <summary>Gets the devices that the backend found.</summary>
    public required IReadOnlyList<KvNormDevice> Devices { get; init; }

    /// <summary>
    /// Gets the CPU threads that <see cref="KvNormChatOptions.Threads"/> of null comes to on an idle machine: one per physical core.
    /// </summary>
    public required int DefaultThreads { get; init; }

    /// <summary>Loads the backend, unless it is loaded, and says what it is.</summary>
    /// <exception cref="DllNotFoundException">No backend package is there, or its libraries cannot be loaded here.</exception>
    /// <exception cref="LlamaException">LLamaSharp is of another release than this library was written for.</exception>
    public static KvNormRuntimeFacts Get()
    {
        LlamaLibrary.EnsureLoaded();
        return new KvNormRuntimeFacts
        {
            LlamaSharpVersion = LlamaLibrary.Version,
            Backend = LlamaLibrary.Backend,
            Devices = [.. LlamaLibrary.Devices()],
            DefaultThreads = ThreadCount.Automatic.Maximum,
        };
    }
}
