namespace KvNorm.Grammars;

/// <summary>What is wrong with a schema, and where.</summary>
internal static class SchemaError
{
    public static ArgumentException At(string pointer, string problem) => new($"The JSON schema at '#{pointer}' {problem}");

    /// <summary>What is told of a constraint that a grammar does not hold.</summary>
    public static string Unsaid(string pointer) => $"The grammar does not hold the constraint of the JSON schema at '#{pointer}'.";

    public static string Child(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
