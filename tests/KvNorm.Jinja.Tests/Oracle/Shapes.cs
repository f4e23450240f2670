namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>Our own templates, each in the shape of a family of real ones.</summary>
internal static class Shapes
{
    /// <summary>Their sources by name.</summary>
    public static IReadOnlyDictionary<string, string> Sources { get; } = OracleFolder.Templates("templates");

    public static TheoryData<string> Names => [.. Sources.Keys];
}
