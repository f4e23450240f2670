namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>The real templates, which are the work of others and therefore fetched where they are wanted.</summary>
internal static class RealTemplates
{
    private const string Folder = "obj/templates";

    /// <summary>Why tests over them are skipped, or null where they have been fetched.</summary>
    public static string? WhyAbsent { get; } = Directory.Exists(Path.Combine(OracleFolder.Path, Folder)) ? null
        : "The real templates are not here: 'node tests/oracle/restore.mjs' fetches them (Node.js 20, npm, git and tar).";

    /// <summary>Their sources by name.</summary>
    public static Lazy<IReadOnlyDictionary<string, string>> Sources { get; } = new(() => OracleFolder.Templates(Folder));

    public static TheoryData<string> Names => [.. OracleRecord.RealTemplates.Keys];
}
