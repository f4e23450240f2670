using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>
/// Why LLamaSharp could not load llama.cpp, in a sentence with what to do. LLamaSharp itself gives a list of what it may be.
/// </summary>
internal static class MissingBackend
{
    private const string RuntimesFolder = "runtimes";
    private const string PackageToAdd =
        "add the package LLamaSharp.Backend.Cpu (or LLamaSharp.Backend.Cuda12, LLamaSharp.Backend.Vulkan) to the application";

    /// <summary>The reason on this machine: tries what lies beside the application and reads what the system's loader says.</summary>
    public static string Reason() => Reason(AppContext.BaseDirectory, TryLoad);

    /// <summary>The reason, for an application in some folder.</summary>
    /// <param name="applicationFolder">Where backend packages put their libraries, in runtimes.</param>
    /// <param name="tryLoad">Loads a library; null when that worked, else what the loader says.</param>
    internal static string Reason(string applicationFolder, Func<string, string?> tryLoad)
    {
        string folder = Path.Combine(applicationFolder, RuntimesFolder);
        string[] libraries = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, $"*ggml-base{Extension}", SearchOption.AllDirectories).Where(IsForThisPlatform)
                .Order(StringComparer.Ordinal)]
            : [];
        if (libraries.Length == 0)
            return $"llama.cpp's libraries are not beside the application: {PackageToAdd}.";
        string? message = libraries.Select(tryLoad).FirstOrDefault(static said => said is not null);
        return message is null
            ? $"llama.cpp's libraries are in '{folder}', but none of them runs on this processor: {PackageToAdd} in the "
                + "version that LLamaSharp has."
            : Remedy(message);
    }

    /// <summary>What to do about a library that the system's loader refused.</summary>
    /// <param name="loaderMessage">
    /// What the loader said; an old glibc is told by the symbol version that it misses, such as GLIBC_2.34.
    /// </param>
    internal static string Remedy(string loaderMessage)
    {
        string said = loaderMessage.ReplaceLineEndings(" ").Trim();
        if (said.Contains("libgomp", StringComparison.Ordinal))
            return "llama.cpp needs libgomp, which this system lacks: install it (apt-get install libgomp1, or the package of that name of "
                + $"your distribution). ({said})";
        if (said.Contains("GLIBC", StringComparison.Ordinal))
            return "llama.cpp's libraries need glibc 2.34 or newer: use a newer distribution, or name a build of your own by "
                + $"NativeLibraryConfig.LLama.WithLibrary. ({said})";
        return $"llama.cpp's libraries could not be loaded: {PackageToAdd} that fits this platform "
            + $"({RuntimeInformation.RuntimeIdentifier}). ({said})";
    }

    private static string Extension => OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";

    // Without a RuntimeIdentifier the package lays the libraries of all platforms beside the application.
    private static bool IsForThisPlatform(string path)
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        bool musl = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
        return path.Contains($"{system}-{(musl ? "musl-" : "")}{architecture}", StringComparison.Ordinal);
    }

    private static string? TryLoad(string path)
    {
        try
        {
            NativeLibrary.Load(path);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return e.Message;
        }
    }
}
