using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>
/// How chat completions are read and written. A name that stands twice in an object is an error: readers would differ about it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(CompletionChunk))]
internal sealed partial class CompletionJson : JsonSerializerContext
{
    /// <summary>Gets the context that is used: letters of all languages stay as they are.</summary>
    public static CompletionJson Wire => field ??= new CompletionJson(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
