using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace KvNorm.SemanticKernel;

/// <summary>Reads execution settings of other types by the names of their fields in JSON, which are those of prompt files.</summary>
internal static class ForeignSettings
{
    private const string ExtraBody = "extra_body";
    private const string PatchPrefix = "$."; // of entries that change the request to OpenAI in places, not settings

    private static readonly JsonSerializerOptions Options = new()
    {
        Converters = { new ObjectConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        PropertyNameCaseInsensitive = true,
    };

    /// <summary>Settings that say the same.</summary>
    /// <exception cref="ArgumentException">A value is none of its field.</exception>
    /// <exception cref="NotSupportedException">They ask for functions in OpenAI's own way.</exception>
    public static KvNormPromptExecutionSettings Read(PromptExecutionSettings settings)
    {
        JsonObject fields = JsonSerializer.SerializeToNode(settings, settings.GetType(), Options)!.AsObject();
        if (fields.ContainsKey("ToolCallBehavior"))
            throw new NotSupportedException(
                "ToolCallBehavior is OpenAI's own way to offer functions: set FunctionChoiceBehavior instead, such as "
                + "FunctionChoiceBehavior.Auto().");
        fields.Remove("function_choice_behavior"); // as an object below
        TakeExtraBody(fields);
        try
        {
            KvNormPromptExecutionSettings read = fields.Deserialize<KvNormPromptExecutionSettings>(Options)!;
            read.FunctionChoiceBehavior = settings.FunctionChoiceBehavior;
            return read;
        }
        catch (JsonException e)
        {
            throw new ArgumentException(
                $"The execution setting {e.Path} has a value that it cannot have: {e.Message}", nameof(settings), e);
        }
    }

    // What servers other than OpenAI's take is written there, and goes before what stands beside it.
    private static void TakeExtraBody(JsonObject fields)
    {
        if (!fields.Remove(ExtraBody, out JsonNode? body) || body is not JsonObject entries)
            return;
        foreach ((string name, JsonNode? value) in entries)
        {
            if (!name.StartsWith(PatchPrefix, StringComparison.Ordinal))
                fields[name] = value?.DeepClone();
        }
    }

    /// <summary>
    /// Writes what JSON knows nothing of: response formats given as objects, and OpenAI's own types, which are text or are named.
    /// </summary>
    private sealed class ObjectConverter : ResponseFormatConverter
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsAssignableTo(typeof(Type)) || typeToConvert.IsAssignableTo(typeof(ChatResponseFormat))
                || IsOpenAI(typeToConvert);

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            if (IsOpenAI(value.GetType()))
                writer.WriteStringValue(value.ToString());
            else
                base.Write(writer, value, options);
        }

        private static bool IsOpenAI(Type type) => type.Namespace?.StartsWith("OpenAI.", StringComparison.Ordinal) == true;
    }
}
