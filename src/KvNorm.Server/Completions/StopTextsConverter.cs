using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>Reads one text or a list of texts.</summary>
internal sealed class StopTextsConverter : JsonConverter<StopTexts>
{
    public override StopTexts Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new StopTexts([reader.GetString()!]);
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();
        List<string> texts = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            texts.Add(reader.GetString()!);
        return reader.TokenType == JsonTokenType.EndArray ? new StopTexts(texts) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, StopTexts value, JsonSerializerOptions options) => throw new NotSupportedException();
}
