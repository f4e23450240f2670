using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>Texts that end an answer: one, or a list.</summary>
[JsonConverter(typeof(StopTextsConverter))]
internal sealed record StopTexts(IReadOnlyList<string> Texts);
