using System.Text.Json.Nodes;

namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>What @huggingface/jinja made of a template.</summary>
/// <param name="Text">The text, or of a real template the SHA-256 of the text; null if it failed.</param>
/// <param name="Error">Its error; null if it did not fail.</param>
internal sealed record OracleResult(string? Text, string? Error)
{
    public static OracleResult Of(JsonNode? recorded) =>
        recorded is JsonObject failure ? new(null, (string?)failure["error"]) : new((string?)recorded, null);
}
