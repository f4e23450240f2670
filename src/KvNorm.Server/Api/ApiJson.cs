using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KvNorm.Server.Completions;
using KvNorm.Server.Models;

namespace KvNorm.Server.Api;

/// <summary>How OpenAI's API writes JSON. A name that stands twice in an object is an error: readers would differ about it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(CompletionChunk))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Gets the context that is used: letters of all languages stay as they are.</summary>
    public static ApiJson Wire =>
        field ??= new ApiJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
