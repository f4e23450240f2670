namespace KvNorm.Runtime;

/// <summary>File names of the libraries: `libllama.so` of an own build, `libllama.v0.5.0.so`, `libllama.cuda.v0.5.0.so`, `llama.dll` and the like.</summary>
internal static class LlamaLibraryFiles
{
    private static readonly string[] Extensions = [".so", ".dylib", ".dll"];

    /// <summary>The path of library <paramref name="name"/> in <paramref name="directory"/>.</summary>
    /// <exception cref="DllNotFoundException">The folder or the file is not there.</exception>
    public static string Find(string directory, string name)
    {
        if (!Directory.Exists(directory))
            throw new DllNotFoundException($"There is no folder '{directory}' with the llama.cpp libraries: build the project with npm installed, which restores them, or set {LlamaLibrary.DirectoryVariable}.");
        string? path = Directory.EnumerateFiles(directory).Where(file => Matches(Path.GetFileName(file), name)).Order(StringComparer.Ordinal).FirstOrDefault();
        return path ?? throw new DllNotFoundException($"The folder '{directory}' has no library '{name}': point {LlamaLibrary.DirectoryVariable} at the folder that holds libllama, libggml and libggml-base of llama.cpp {LlamaAbi.Version}.");
    }

    /// <summary>Whether a file is the library itself and not one whose name merely begins alike (`libggml-cpu-zen4.so` is not `ggml`).</summary>
    internal static bool Matches(string file, string name)
    {
        if (!Array.Exists(Extensions, extension => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
            return false;
        ReadOnlySpan<char> stem = file.StartsWith("lib", StringComparison.Ordinal) ? file.AsSpan(3) : file;
        return stem.StartsWith(name, StringComparison.Ordinal) && stem[name.Length] == '.';
    }
}
