using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace KvNorm.SemanticKernel;

/// <summary>
/// The ways in which execution settings say what an answer has to be: "text", "json_object", a .NET type, a JSON schema, OpenAI's
/// {"type":"json_schema",...}, or a <see cref="ChatResponseFormat"/>. In JSON all of them are written as OpenAI does.
/// </summary>
internal class ResponseFormatConverter : JsonConverter<object>
{
    // As Semantic Kernel's connectors write the schema of a type: properties by the names they have, enums by their words.
    private static readonly JsonSerializerOptions TypeOptions = new()
    {
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>The format of a value; null for none.</summary>
    /// <exception cref="ArgumentException">The value is none of those above.</exception>
    public static ChatResponseFormat? ToFormat(object? value) => value switch
    {
        null => null,
        ChatResponseFormat format => format,
        Type type => ChatResponseFormat.ForJsonSchema(type, TypeOptions),
        string text => FromText(text),
        JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.String } json => FromText(json.GetString()!),
        JsonElement { ValueKind: JsonValueKind.Object } json => FromObject(json),
        JsonElement { ValueKind: JsonValueKind.True } => ChatResponseFormat.Json, // the schema that allows everything
        JsonElement json => throw Unknown(json.ToString()),
        _ => ToFormat(JsonSerializer.SerializeToElement(value)),
    };

    /// <inheritdoc/>
    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
    {
        if (ToFormat(value) is not ChatResponseFormatJson json)
        {
            writer.WriteStringValue("text");
            return;
        }

        if (json.Schema is not { } schema)
        {
            writer.WriteStringValue("json_object");
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "json_schema");
        writer.WriteStartObject("json_schema");
        writer.WriteString("name", json.SchemaName ?? "answer");
        if (json.SchemaDescription is not null)
            writer.WriteString("description", json.SchemaDescription);
        writer.WritePropertyName("schema");
        schema.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static ChatResponseFormat FromText(string text)
    {
        switch (text)
        {
            case "text":
                return ChatResponseFormat.Text;
            case "json_object":
                return ChatResponseFormat.Json;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object ? FromObject(json.RootElement.Clone()) : throw Unknown(text);
        }
        catch (JsonException)
        {
            throw Unknown(text);
        }
    }

    // OpenAI's object, or else the schema itself: the types of schemas are other words.
    private static ChatResponseFormat FromObject(JsonElement json)
    {
        string? type = json.TryGetProperty("type", out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
        if (type is "text" or "json_object")
            return FromText(type);
        if (type != "json_schema")
            return ChatResponseFormat.ForJsonSchema(json);
        if (!json.TryGetProperty("json_schema", out JsonElement inner) || inner.ValueKind != JsonValueKind.Object
            || !inner.TryGetProperty("schema", out JsonElement schema))
            throw Unknown(json.ToString());
        return ChatResponseFormat.ForJsonSchema(schema, Text(inner, "name"), Text(inner, "description"));
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static ArgumentException Unknown(string value) => new(
        $"The response format '{value}' is not known: use \"text\", \"json_object\", a .NET type, a JSON schema, or "
        + "{\"type\":\"json_schema\",\"json_schema\":{\"schema\":...}}.");
}
