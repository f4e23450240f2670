using System.Text.Json;
using System.Text.Json.Nodes;

namespace KvNorm.Tests.Contract;

/// <summary>Makes the smallest value that satisfies a JSON schema.</summary>
internal sealed class SchemaSample(JsonElement root)
{
    public static JsonNode? Of(JsonElement schema) => new SchemaSample(schema).Make(schema);

    private JsonNode? Make(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return "anything"; // the schema true
        if (schema.TryGetProperty("$ref", out JsonElement reference))
            return Make(Resolve(reference.GetString()!));
        if (schema.TryGetProperty("const", out JsonElement only))
            return JsonNode.Parse(only.GetRawText());
        foreach (string choice in new[] { "enum", "anyOf", "oneOf" })
        {
            if (schema.TryGetProperty(choice, out JsonElement choices))
                return choice == "enum" ? JsonNode.Parse(choices[0].GetRawText()) : Make(choices[0]);
        }

        return OfType(schema);
    }

    private JsonNode? OfType(JsonElement schema) => Type(schema) switch
    {
        "integer" or "number" => Number(schema, "minimum", otherwise: 1),
        "boolean" => true,
        "null" => null,
        "array" => new JsonArray(
            [.. Enumerable.Range(0, Number(schema, "minItems", otherwise: 0)).Select(_ => Make(schema.GetProperty("items")))]),
        "string" => "text",
        _ => Object(schema),
    };

    private JsonObject Object(JsonElement schema)
    {
        JsonObject made = [];
        foreach (JsonElement name in schema.TryGetProperty("required", out JsonElement required) ? required.EnumerateArray().ToArray() : [])
            made[name.GetString()!] = Make(schema.GetProperty("properties").GetProperty(name.GetString()!));
        return made;
    }

    private JsonElement Resolve(string reference)
    {
        JsonElement at = root;
        foreach (string part in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            at = at.GetProperty(part);
        return at;
    }

    private static string? Type(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
            return null;
        return type.ValueKind == JsonValueKind.Array ? type[0].GetString() : type.GetString();
    }

    private static int Number(JsonElement schema, string keyword, int otherwise) =>
        schema.TryGetProperty(keyword, out JsonElement value) ? value.GetInt32() : otherwise;
}
