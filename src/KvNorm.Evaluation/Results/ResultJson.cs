using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Evaluation.Results;

/// <summary>How results are written: camelCase names, text readable as it is, nothing where there is nothing to say.</summary>
internal static class ResultJson
{
    public static JsonSerializerOptions Line { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public static JsonSerializerOptions Indented { get; } = new(Line) { WriteIndented = true };
}
