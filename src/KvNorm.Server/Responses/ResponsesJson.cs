using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Server.Responses;

/// <summary>How /v1/responses writes JSON: as the rest of OpenAI's API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ResponseRequest))]
[JsonSerializable(typeof(IReadOnlyList<InputItem>))]
[JsonSerializable(typeof(ResponseObject))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(DeletedResponse))]
internal sealed partial class ResponsesJson : JsonSerializerContext
{
    /// <summary>Gets the context that is used: letters of all languages stay as they are.</summary>
    public static ResponsesJson Wire => field ??= new ResponsesJson(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
