using System.Text.Json.Nodes;

namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>The folder tests/oracle: what both the oracle and the tests read, and what the oracle said.</summary>
internal static class OracleFolder
{
    /// <summary>Where the folder is.</summary>
    public static string Path { get; } = Find();

    public static JsonObject Read(string file) => JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(Path, file)))!.AsObject();

    /// <summary>The templates of a folder by name.</summary>
    public static IReadOnlyDictionary<string, string> Templates(string folder) =>
        new SortedDictionary<string, string>(
            Directory.EnumerateFiles(System.IO.Path.Combine(Path, folder), "*.jinja")
                .ToDictionary(file => System.IO.Path.GetFileNameWithoutExtension(file), File.ReadAllText, StringComparer.Ordinal),
            StringComparer.Ordinal);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = System.IO.Path.Combine(folder.FullName, "tests", "oracle");
            if (File.Exists(System.IO.Path.Combine(candidate, "recorded.json")))
                return candidate;
        }

        throw new InvalidOperationException("The folder tests/oracle was not found above the tests.");
    }
}
