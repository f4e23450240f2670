using System.Buffers;
using System.Text;
using System.Text.Json;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>Arguments that stand between marks, each for itself.</summary>
internal static class TaggedArguments
{
    /// <summary>
    /// The arguments as a JSON object. A value is JSON where the schema does not want a string and the value can be read so; otherwise it
    /// is a string.
    /// </summary>
    /// <param name="text">What stands between the name and the end of the call.</param>
    /// <param name="format">The marks.</param>
    /// <param name="tool">The tool that is called; null when it was not offered.</param>
    public static string ToJson(string text, ToolCallFormat format, AIFunctionDeclaration? tool)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach ((string key, string value) in Pairs(text, format))
            {
                if (seen.Add(key))
                    Write(writer, key, value, tool);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Whether a value is written as plain text.</summary>
    private static bool IsText(AIFunctionDeclaration? tool, string key) =>
        tool is not null && tool.JsonSchema.ValueKind == JsonValueKind.Object
        && tool.JsonSchema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object
        && properties.TryGetProperty(key, out JsonElement schema) && ToolCallText.IsPlain(schema);

    private static IEnumerable<(string Key, string Value)> Pairs(string text, ToolCallFormat format)
    {
        string[] keyEnd = format.KeyEnd.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string valueEnd = format.ValueEnd.Trim('\n');
        int at = 0;
        while (Skip(text, format.KeyStart, ref at) is not null)
        {
            if (Skip(text, keyEnd[0], ref at) is not { } key || (keyEnd.Length > 1 && Skip(text, keyEnd[1], ref at) is null))
                yield break;
            string value = Skip(text, valueEnd, ref at) ?? text[at..];
            yield return (key.Trim(), WithoutFrame(value));
        }
    }

    // What stands before a mark; goes to the index after it.
    private static string? Skip(string text, string mark, ref int at)
    {
        int found = text.IndexOf(mark, at, StringComparison.Ordinal);
        if (found < 0)
            return null;
        string before = text[at..found];
        at = found + mark.Length;
        return before;
    }

    // One line break after the opening mark and one before the closing mark are the format's; others are the value's.
    private static string WithoutFrame(string value)
    {
        ReadOnlySpan<char> inner = value;
        if (inner.StartsWith("\n"))
            inner = inner[1..];
        return (inner.EndsWith("\n") ? inner[..^1] : inner).ToString();
    }

    private static void Write(Utf8JsonWriter writer, string key, string value, AIFunctionDeclaration? tool)
    {
        writer.WritePropertyName(key);
        if (!IsText(tool, key) && TryParse(value, out JsonElement json))
            json.WriteTo(writer);
        else
            writer.WriteStringValue(value);
    }

    private static bool TryParse(string text, out JsonElement json)
    {
        try
        {
            json = ToolCallText.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }
}
