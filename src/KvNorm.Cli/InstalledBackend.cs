using LLama.Native;

namespace KvNorm.Cli;

/// <summary>
/// Has llama.cpp loaded from beside the program only. LLamaSharp looks into the working directory first, so a folder with a stranger's
/// files could bring a library that runs in this process.
/// </summary>
internal static class InstalledBackend
{
    /// <summary>To be called before anything of LLamaSharp.</summary>
    public static void Require() => NativeLibraryConfig.LLama
        .WithSearchDirectory(AppContext.BaseDirectory)
        .WithCuda(Has("cuda"))
        .WithVulkan(Has("vulkan"));

    // What is not here would be looked for there.
    private static bool Has(string kind)
    {
        string runtimes = Path.Combine(AppContext.BaseDirectory, "runtimes");
        return Directory.Exists(runtimes) && Directory.EnumerateDirectories(runtimes, $"{kind}*", SearchOption.AllDirectories).Any();
    }
}
