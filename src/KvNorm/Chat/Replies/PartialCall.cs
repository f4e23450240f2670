using System.Text;
using System.Text.Json;

namespace KvNorm.Chat.Replies;

/// <summary>Reads what can be read of JSON that is broken or not complete.</summary>
internal static class PartialCall
{
    /// <summary>The text under the first of some keys of the outermost object; null when it does not come.</summary>
    public static string? Name(string json, IReadOnlyList<string> keys)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json), isFinalBlock: false, default);
        bool named = false;
        while (Next(ref reader) is { } text)
        {
            if (named && reader.TokenType == JsonTokenType.String && text.Length > 0)
                return text;
            named = reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && keys.Contains(text, StringComparer.Ordinal);
        }

        return null;
    }

    /// <summary>The first key of an object; null when it has not come.</summary>
    public static string? FirstKey(string json)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json), isFinalBlock: false, default);
        return Next(ref reader) is not null && Next(ref reader) is { } key && reader.TokenType == JsonTokenType.PropertyName ? key : null;
    }

    // The text of the next token, empty for one that has none; null when it is broken or has not come.
    private static string? Next(ref Utf8JsonReader reader)
    {
        try
        {
            if (!reader.Read())
                return null;
            return reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String ? reader.GetString() : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: half of a surrogate pair
        {
            return null;
        }
    }
}
