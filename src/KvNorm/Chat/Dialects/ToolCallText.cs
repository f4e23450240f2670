using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KvNorm.Chat.Dialects;

/// <summary>
/// Writes calls as a model writes them. Grammars and earlier answers are made of the same parts, so that they agree with what the parser
/// reads.
/// </summary>
internal static class ToolCallText
{
    // Prompts are no web pages: letters stay letters.
    private static readonly JavaScriptEncoder Letters = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>JSON in one line.</summary>
    public static string Json(JsonElement value)
    {
        try
        {
            return Written(value);
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText(); // half a surrogate pair, which only its escape can say
        }
    }

    /// <summary>Reads JSON whose texts are texts: half a surrogate pair is none.</summary>
    /// <exception cref="JsonException">It is no such JSON.</exception>
    public static JsonElement Parse(string json)
    {
        JsonElement value = JsonElement.Parse(json);
        return IsText(value) ? value : throw new JsonException("The JSON holds half a surrogate pair.");
    }

    /// <summary>
    /// Whether all names and texts of JSON are texts. Half a surrogate pair is none: whoever asks for it, or looks for another name beside
    /// it, gets an exception.
    /// </summary>
    public static bool IsText(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Undefined)
            return true;
        Utf8JsonReader reader = new(
            JsonMarshal.GetRawUtf8Value(json),
            new JsonReaderOptions { MaxDepth = int.MaxValue, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                    _ = reader.GetString();
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A text as a JSON string.</summary>
    public static string Quote(string text) => $"\"{Letters.Encode(text)}\"";

    /// <summary>What stands before and after the arguments of one call.</summary>
    public static (string Before, string After) Call(ToolCallFormat format, string name)
    {
        string json = format.NameKey.Length == 0
            ? $"{{{Quote(name)}: "
            : $"{{{Quote(format.NameKey)}: {Quote(name)}, {Quote(format.ArgumentsKey)}: ";
        return format.Shape switch
        {
            CallShape.JsonObject => (format.Start + format.AfterStart + json, "}" + format.End),
            CallShape.JsonList => (json, "}"),
            CallShape.Pairs => (format.Start + format.AfterStart + name + format.Pairs.Open, format.Pairs.Close + format.End),
            CallShape.PairsList => (name + format.Pairs.Open, format.Pairs.Close),
            _ => (format.Start + format.AfterStart + Head(format, name), format.End),
        };
    }

    /// <summary>What stands before and after all the calls of an answer.</summary>
    public static (string Before, string After) Whole(ToolCallFormat format) =>
        format.IsList ? (format.Start + format.AfterStart + "[", "]" + format.End) : (format.Open, format.Close);

    /// <summary>Writes calls.</summary>
    public static string Write(ToolCallFormat format, IEnumerable<(string Name, JsonElement Arguments)> calls)
    {
        (string before, string after) = Whole(format);
        return before + string.Join(format.Separator, calls.Select(call => Write(format, call.Name, call.Arguments))) + after;
    }

    private static string Written(JsonElement value)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json, new JsonWriterOptions { Encoder = Letters }))
            value.WriteTo(writer);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static string Write(ToolCallFormat format, string name, JsonElement arguments)
    {
        (string before, string after) = Call(format, name);
        return before + Arguments(format, arguments) + after;
    }

    private static string Arguments(ToolCallFormat format, JsonElement arguments) => format.Shape switch
    {
        CallShape.Tagged => Tagged(format, arguments),
        CallShape.Pairs or CallShape.PairsList => PairText.Write(format.Pairs, arguments),
        _ => Json(arguments),
    };

    private static string Head(ToolCallFormat format, string name) =>
        (format.NameStart.Length == 0 ? "" : format.Id?.Sample + format.NameStart) + name + format.AfterName;

    private static string Tagged(ToolCallFormat format, JsonElement arguments)
    {
        StringBuilder text = new();
        foreach (JsonProperty argument in arguments.EnumerateObject())
        {
            bool isText = argument.Value.ValueKind == JsonValueKind.String;
            text.Append(format.KeyStart).Append(argument.Name).Append(format.KeyEndOf(isText));
            text.Append(isText ? argument.Value.GetString() : Json(argument.Value)).Append(format.ValueEnd);
        }

        return text.ToString();
    }
}
