using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>Reads a content in either of its forms.</summary>
internal sealed class MessageContentConverter : JsonConverter<MessageContent>
{
    public override MessageContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new MessageContent([new ContentPart("text", reader.GetString())]);
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException(); // the serializer adds where
        return new MessageContent(JsonSerializer.Deserialize(ref reader, PartsJson.Default.IReadOnlyListContentPart) ?? []);
    }

    public override void Write(Utf8JsonWriter writer, MessageContent value, JsonSerializerOptions options) =>
        writer.WriteStringValue(string.Concat(value.Parts.Select(static part => part?.Text)));
}
