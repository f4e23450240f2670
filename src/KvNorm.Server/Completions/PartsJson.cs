using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>Reads what converters find inside of what they convert.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(IReadOnlyList<ContentPart>))]
[JsonSerializable(typeof(NamedChoice))]
internal sealed partial class PartsJson : JsonSerializerContext;
