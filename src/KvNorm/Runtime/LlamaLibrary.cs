using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace KvNorm.Runtime;

/// <summary>Finds, loads and verifies the llama.cpp libraries, once per process.</summary>
internal static partial class LlamaLibrary
{
    /// <summary>The environment variable that names a folder with llama.cpp libraries to use instead of the restored ones.</summary>
    public const string DirectoryVariable = "KVNORM_LLAMA_DIR";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Libraries = new(StringComparer.Ordinal);
    private static bool _resolverSet;

    /// <summary>Gets the folder the libraries were loaded from; null before <see cref="EnsureLoaded"/>.</summary>
    public static string? Directory { get; private set; }

    /// <summary>Gets the version the library reports.</summary>
    public static string Version { get; private set; } = "";

    /// <summary>Loads the libraries unless they are loaded. A logger, when given, receives llama.cpp's log from now on.</summary>
    /// <exception cref="DllNotFoundException">The libraries are missing or cannot be loaded here.</exception>
    /// <exception cref="LlamaException">They are of another release.</exception>
    public static void EnsureLoaded(ILogger? logger = null)
    {
        lock (Gate)
        {
            if (logger is not null)
                LlamaLog.Logger = logger;
            if (Directory is not null)
                return;
            string directory = Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } own
                ? own
                : Path.Combine(AppContext.BaseDirectory, "llama");
            Load(directory);
            Directory = directory;
        }
    }

    /// <summary>The devices that the backends found, name and description.</summary>
    public static IEnumerable<(string Name, string Description)> Devices()
    {
        for (nuint i = 0; i < LlamaNative.ggml_backend_dev_count(); i++)
        {
            nint device = LlamaNative.ggml_backend_dev_get(i);
            yield return (Text(LlamaNative.ggml_backend_dev_name(device)), Text(LlamaNative.ggml_backend_dev_description(device)));
        }
    }

    private static void Load(string directory)
    {
        // Order matters: each library needs the ones before it.
        foreach (string name in new[] { LlamaNative.GgmlBase, LlamaNative.Ggml, LlamaNative.Llama })
            Libraries[name] = LoadOne(LlamaLibraryFiles.Find(directory, name));
        if (!_resolverSet)
        {
            NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, Resolve);
            _resolverSet = true;
        }

        string version = NativeLibrary.TryGetExport(Libraries[LlamaNative.Llama], nameof(LlamaNative.llama_version), out _)
            ? Text(LlamaNative.llama_version())
            : "no version";
        LlamaAbi.VerifyVersion(version);
        LlamaAbi.VerifyDefaults(version, LlamaNative.llama_model_default_params().Value, LlamaNative.llama_context_default_params().Value);
        Version = version;
        LlamaLog.Attach();
        LlamaNative.ggml_backend_load_all_from_path(directory);
        LlamaNative.llama_backend_init();
        if (LlamaNative.ggml_backend_dev_count() == 0)
            throw new DllNotFoundException($"No ggml backend (libggml-cpu-*, libggml-cuda, ...) in '{directory}' works on this machine: restore the packages again, or point {DirectoryVariable} at libraries built for it.");
    }

    private static nint LoadOne(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"'{path}' could not be loaded: {Remedy(e.Message)}. ({e.Message.ReplaceLineEndings(" ").Trim()})", e);
        }
    }

    /// <summary>What to do about a library that the loader refused. An old glibc is told by the symbol version that the loader misses, such as GLIBC_2.34.</summary>
    internal static string Remedy(string loaderMessage) => loaderMessage.Contains("GLIBC", StringComparison.Ordinal)
        ? $"the libraries need glibc 2.34 or newer; use a newer distribution, or build llama.cpp {LlamaAbi.Version} here and point {DirectoryVariable} at it"
        : $"check that it is a library for this platform ({RuntimeInformation.RuntimeIdentifier}), or point {DirectoryVariable} at other ones";

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) => Libraries.GetValueOrDefault(name);

    internal static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";
}
