using System.Text.Json.Serialization;

namespace KvNorm.Server.Models;

/// <summary>How models and their health are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(Health))]
internal sealed partial class ModelJson : JsonSerializerContext;
