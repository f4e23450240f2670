using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KvNorm.Cli;

/// <summary>How this program writes JSON: camelCase names, text readable as it is, nothing where there is nothing to say.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly JsonSerializerOptions Indented = new(Line) { WriteIndented = true };

    /// <summary>The properties of a value; none of null.</summary>
    public static JsonObject ToObject(object? value) => (JsonObject?)JsonSerializer.SerializeToNode(value, Line) ?? [];

    /// <summary>On one line.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Line);

    /// <summary>What was written on one line.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, Line) ?? throw new JsonException("There is nothing.");

    /// <summary>Over several lines.</summary>
    public static string WriteIndented<T>(T value) => JsonSerializer.Serialize(value, Indented);
}
