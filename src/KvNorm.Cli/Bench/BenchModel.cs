namespace KvNorm.Cli.Bench;

/// <summary>The model that is measured. Every subject makes options of its own, so that none changes what another one measures.</summary>
/// <param name="Path">The GGUF file.</param>
/// <param name="GivenThreads">CPU threads; null for as many as a client chooses.</param>
internal sealed record BenchModel(string Path, int? GivenThreads)
{
    /// <summary>Gets the CPU threads that this comes to on an idle machine.</summary>
    public int Threads => GivenThreads ?? KvNormRuntimeFacts.Get().DefaultThreads;

    /// <summary>Options with everything else as a client has it unless told.</summary>
    /// <param name="cells">Cells of the cache.</param>
    public KvNormChatOptions Options(int cells) =>
        new() { ModelPath = Path, Threads = GivenThreads, KvCacheBudget = KvCacheBudget.FromCells(cells) };
}
