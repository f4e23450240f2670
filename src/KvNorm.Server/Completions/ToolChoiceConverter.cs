using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>Reads a choice in any of its forms.</summary>
internal sealed class ToolChoiceConverter : JsonConverter<ToolChoice>
{
    public override ToolChoice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new ToolChoice(reader.GetString(), null);
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException(); // the serializer adds where
        NamedChoice? named = JsonSerializer.Deserialize(ref reader, PartsJson.Default.NamedChoice);
        return new ToolChoice(named?.Type, named?.Name ?? named?.Function?.Name);
    }

    public override void Write(Utf8JsonWriter writer, ToolChoice value, JsonSerializerOptions options)
    {
        if (value.Function is null)
            writer.WriteStringValue(value.Mode);
        else
            JsonSerializer.Serialize(writer, new NamedChoice(value.Mode, value.Function, null), PartsJson.Default.NamedChoice);
    }
}
