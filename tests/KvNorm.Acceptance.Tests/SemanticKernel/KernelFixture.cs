using Microsoft.SemanticKernel;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

/// <summary>One kernel over one client for all tests of the collection, which run one after another. Each takes a clone of it.</summary>
public sealed class KernelFixture : IDisposable
{
    private const int Cells = 2048;
    private const long ParkedBytes = 128 << 20;

    private readonly Kernel _kernel = Kernel.CreateBuilder().AddKvNormChat(Configure).Build();

    /// <summary>A kernel of a test's own, with the functions of a lamp.</summary>
    public Kernel Create(Lamp? lamp = null)
    {
        Kernel kernel = _kernel.Clone();
        if (lamp is not null)
            kernel.Plugins.AddFromObject(lamp, "lamp");
        return kernel;
    }

    /// <summary>
    /// The embedded model with one thread, so that collections side by side do not fight for cores and texts repeat exactly.
    /// </summary>
    public static void Configure(KvNormChatOptions options, int cells) =>
        (options.KvCacheBudget, options.Threads, options.MaxOutputTokens) = (KvCacheBudget.FromCells(cells), 1, 64);

    public void Dispose() => ((IDisposable)_kernel.Services).Dispose();

    // Most tests begin with one of a few prompts: what leaves the slot is parked, so that each is prefilled once.
    private static void Configure(KvNormChatOptions options)
    {
        Configure(options, Cells);
        options.ParkedBytes = ParkedBytes;
    }
}
