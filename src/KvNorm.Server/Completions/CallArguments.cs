using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvNorm.Server.Api;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Completions;

/// <summary>The arguments of calls as JSON text, which is how OpenAI's API carries them.</summary>
internal static class CallArguments
{
    private static readonly JsonTypeInfo<IDictionary<string, object?>> Type =
        (JsonTypeInfo<IDictionary<string, object?>>)Options().GetTypeInfo(typeof(IDictionary<string, object?>));

    /// <summary>A call with its arguments read.</summary>
    /// <exception cref="ApiException">They are no JSON object.</exception>
    public static FunctionCallContent Read(string id, string name, string? arguments, string field)
    {
        try
        {
            if (string.IsNullOrWhiteSpace(arguments))
                return new FunctionCallContent(id, name, null);
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(arguments));
            while (reader.Read())
            {
                if (!WholeText.IsIn(ref reader))
                    throw ApiException.Invalid(field, WholeText.Demand);
            }

            return new FunctionCallContent(id, name, JsonSerializer.Deserialize(arguments, Type));
        }
        catch (JsonException)
        {
            throw ApiException.Invalid(field, "must be the text of a JSON object.");
        }
    }

    /// <summary>The arguments of a call.</summary>
    public static string Write(FunctionCallContent call) =>
        call.Arguments is null ? "{}" : JsonSerializer.Serialize(call.Arguments, Type);

    // As the abstractions read and write values, on one line.
    private static JsonSerializerOptions Options() =>
        new(AIJsonUtilities.DefaultOptions) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
