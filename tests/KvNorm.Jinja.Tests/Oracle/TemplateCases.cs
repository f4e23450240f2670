using System.Text.Json.Nodes;

namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>Small templates and the text they give with <see cref="Variables"/>.</summary>
internal static class TemplateCases
{
    private static readonly JsonObject File = OracleFolder.Read("cases.json");

    /// <summary>The moment that strftime_now gives.</summary>
    public static DateTimeOffset Now { get; } = (DateTimeOffset)File["now"]!;

    public static string Variables { get; } = File["variables"]!.ToJsonString();

    /// <summary>What @huggingface/jinja gives, too.</summary>
    public static TheoryData<string, string> AsOracle => Table("asOracle");

    /// <summary>
    /// What @huggingface/jinja gives otherwise or not at all; checked with Python's Jinja 3.1.6, but for how values are printed.
    /// </summary>
    public static TheoryData<string, string> AsPython => Table("asPython");

    private static TheoryData<string, string> Table(string name)
    {
        TheoryData<string, string> table = [];
        foreach (JsonNode? row in File[name]!.AsArray())
            table.Add((string)row![0]!, (string)row[1]!);
        return table;
    }
}
