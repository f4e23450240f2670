namespace KvNorm.Cli.Models;

/// <summary>Where model files lie: this program's own folder, or that of another one.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Folders">The folders, which need not be there; files lie in them at any depth.</param>
internal sealed record ModelPlace(string Name, IReadOnlyList<string> Folders)
{
    private static readonly EnumerationOptions Everywhere = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8, // a link to a folder above has no end
        MatchCasing = MatchCasing.CaseInsensitive,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>The places of a user.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="own">The folder of what this program has fetched; null where there is none.</param>
    /// <param name="variable">The value of a variable; null where there is none.</param>
    public static IReadOnlyList<ModelPlace> Of(string home, string? own, Func<string, string?> variable)
    {
        string cache = Set("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache");
        string hub = Set("HF_HUB_CACHE") ?? Path.Combine(Set("HF_HOME") ?? Path.Combine(cache, "huggingface"), "hub");
        return
        [
            new("kvnorm", own is null ? [] : [own]),
            new("Hugging Face", Snapshots(hub)),
            new("llama.cpp", [Set("LLAMA_CACHE") ?? Path.Combine(LlamaCaches(home, cache), "llama.cpp")]),
            new("LM Studio", [Path.Combine(home, ".lmstudio", "models"), Path.Combine(home, ".cache", "lm-studio", "models")]),
        ];

        string? Set(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>The model files in it.</summary>
    public IEnumerable<string> Files() => Folders.Where(Directory.Exists)
        .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.gguf", Everywhere).Order(StringComparer.Ordinal));

    // Beside snapshots there are notes of what a repository does not have, under the names of files.
    private static string[] Snapshots(string hub) => Directory.Exists(hub)
        ? [.. Directory.GetDirectories(hub, "models--*").Order(StringComparer.Ordinal).Select(static one => Path.Combine(one, "snapshots"))]
        : [];

    private static string LlamaCaches(string home, string cache)
    {
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches") : cache;
    }
}
