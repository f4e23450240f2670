using System.Text.Json;
using System.Text.Json.Serialization;
using KvNorm.Server.Completions;

namespace KvNorm.Server.Responses;

/// <summary>Reads an input in either of its forms.</summary>
internal sealed class ResponseInputConverter : JsonConverter<ResponseInput>
{
    public override ResponseInput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            MessageContent text = new([new ContentPart("text", reader.GetString())]);
            return new ResponseInput([new InputItem { Role = "user", Content = text }]);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException(); // the serializer adds where
        return new ResponseInput(JsonSerializer.Deserialize(ref reader, ResponsesJson.Wire.IReadOnlyListInputItem) ?? []);
    }

    public override void Write(Utf8JsonWriter writer, ResponseInput value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}
