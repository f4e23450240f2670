using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using LLama.Native;
using Microsoft.Extensions.Logging;

namespace KvNorm.Runtime;

/// <summary>Has LLamaSharp load its libraries, once per process, and verifies them before anything is called with a struct.</summary>
internal static partial class LlamaLibrary
{
    private static readonly Lock Gate = new();
    private static bool _resolves, _loaded;

    /// <summary>
    /// Gets the version of LLamaSharp, "unknown" where it cannot be found out: its assembly says 0.0.0, so the application's list of
    /// packages is asked.
    /// </summary>
    public static string Version { get; } = FindVersion(AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "");

    /// <summary>
    /// Gets what LLamaSharp chose of what there is, such as "Cpu, Avx2" or "Cuda"; "own library" for one the application named.
    /// </summary>
    public static string Backend => NativeApi.GetLoadedNativeLibrary(NativeLibraryName.LLama)?.Metadata switch
    {
        null => "own library",
        { UseCuda: true } => "Cuda",
        { UseVulkan: true } => "Vulkan",
        { AvxLevel: var level } => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? $"Cpu, {level}" : "Cpu",
    };

    /// <summary>Gets whether there is no device but the CPU.</summary>
    public static bool HasCpuOnly => Devices().All(static device => device.Name == "CPU");

    /// <summary>Loads the libraries unless they are loaded. A logger, when given, receives llama.cpp's log from now on.</summary>
    /// <exception cref="DllNotFoundException">No backend package is there, or its libraries cannot be loaded here.</exception>
    /// <exception cref="LlamaException">
    /// They are not those that this LLamaSharp, or LLamaSharp not the one that this library, was written for.
    /// </exception>
    public static void EnsureLoaded(ILogger? logger = null)
    {
        lock (Gate)
        {
            if (logger is not null)
                LlamaLog.Logger = logger;
            if (_loaded)
                return;
            Load();
            _loaded = true;
        }
    }

    /// <summary>The devices that the backends found.</summary>
    public static IEnumerable<KvNormDevice> Devices()
    {
        foreach (nint device in NativeDevices())
            yield return new KvNormDevice(NameOf(device), Text(LlamaImports.ggml_backend_dev_description(device)));
    }

    /// <summary>The devices as ggml's functions take them.</summary>
    public static IEnumerable<nint> NativeDevices()
    {
        for (nuint i = 0; i < NativeApi.ggml_backend_dev_count(); i++)
            yield return NativeApi.ggml_backend_dev_get(i);
    }

    /// <summary>What llama.cpp calls a device.</summary>
    public static string NameOf(nint device) => Text(NativeApi.ggml_backend_dev_name(device));

    /// <summary>The version of LLamaSharp in an application's deps.json.</summary>
    /// <param name="files">Paths, with semicolons between them.</param>
    internal static string FindVersion(string files) => files
        .Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Where(File.Exists)
        .Select(static file => PackageVersion().Match(File.ReadAllText(file)))
        .FirstOrDefault(static match => match.Success)?.Groups["version"].Value ?? "unknown";

    [GeneratedRegex("\"LLamaSharp/(?<version>[0-9][^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PackageVersion();

    private static void Load()
    {
        // LLamaSharp looks into the working directory first, where a stranger's files may lie.
        if (!NativeLibraryConfig.LLama.LibraryHasLoaded)
            NativeLibraryConfig.LLama.WithSearchDirectory(AppContext.BaseDirectory);
        try
        {
            NativeApi.llama_empty_call(); // LLamaSharp loads its libraries before its first call
        }
        catch (Exception e) when (e is TypeInitializationException or LLama.Exceptions.RuntimeError or DllNotFoundException)
        {
            throw new DllNotFoundException(MissingBackend.Reason(), e);
        }

        try
        {
            if (!_resolves)
                NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, Resolve);
            _resolves = true;
            LlamaLayout.Verify(
                Version,
                LlamaImports.llama_model_default_params().As<LLamaModelParams>(),
                LlamaImports.llama_context_default_params().As<LLamaContextParams>());
            LlamaLog.Attach();
        }
        catch (MissingFieldException e)
        {
            throw LlamaLayout.Mismatch(Version, $"it has no {e.Message}");
        }
    }

    // LLamaSharp's own resolver serves its own assembly only. Ours must give the very libraries that it has loaded: a second copy would
    // have a state of its own.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) => name switch
    {
        LlamaImports.Llama => LlamaImports.LoadedLlama(null),
        LlamaImports.GgmlBase => LlamaImports.LoadedGgmlBase(null),
        _ => 0,
    };

    private static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";
}
