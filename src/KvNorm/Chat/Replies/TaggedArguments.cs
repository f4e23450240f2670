using System.Buffers;
using System.Text;
using System.Text.Json;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>Makes JSON of arguments that stood between marks, each for itself.</summary>
internal static class TaggedArguments
{
    /// <summary>
    /// The arguments as a JSON object. A value is text where the schema allows text; elsewhere, and where nothing is known of it, it is
    /// JSON if it can be read so.
    /// </summary>
    /// <param name="arguments">The arguments; of two with one name the first counts.</param>
    /// <param name="tool">The tool that is called; null when it was not offered.</param>
    public static string ToJson(IEnumerable<TaggedArgument> arguments, AIFunctionDeclaration? tool)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach (TaggedArgument argument in arguments)
            {
                if (!seen.Add(argument.Key))
                    continue;
                writer.WritePropertyName(argument.Key);
                Write(writer, argument, tool is null ? ValueKinds.Any : SchemaKinds.Parameter(tool.JsonSchema, argument.Key));
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, TaggedArgument argument, ValueKinds kinds)
    {
        if (IsJson(argument, kinds) && TryParse(argument.Value, out JsonElement json))
            json.WriteTo(writer);
        else
            writer.WriteStringValue(argument.Value);
    }

    // What the model says of a value counts where the schema leaves it open.
    private static bool IsJson(TaggedArgument argument, ValueKinds kinds)
    {
        ReadOnlySpan<char> value = argument.Value.AsSpan().Trim();
        if (!kinds.IsPlain())
            return argument.IsText is not true || !kinds.HasFlag(ValueKinds.Text);
        return (kinds.HasFlag(ValueKinds.Null) && value is "null" && argument.IsText is not true)
            || (kinds.HasFlag(ValueKinds.Structure) && value is ['{' or '[', ..])
            || (argument.IsText is false && kinds != ValueKinds.Text);
    }

    private static bool TryParse(string text, out JsonElement json)
    {
        try
        {
            json = ToolCallText.Parse(AsJson(text));
            return true;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }

    // Templates in Python write these words, and models learn them.
    private static string AsJson(string text) => text.Trim() switch
    {
        "True" => "true",
        "False" => "false",
        "None" => "null",
        _ => text,
    };
}
