using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>The content of a message: text, written as one string or as a list of parts.</summary>
[JsonConverter(typeof(MessageContentConverter))]
internal sealed record MessageContent(IReadOnlyList<ContentPart?> Parts);

/// <summary>A part of a content.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Text">Its text; null where it is something else.</param>
/// <param name="Refusal">Its text where it says why the model would not answer.</param>
internal sealed record ContentPart(string? Type, string? Text, string? Refusal = null);
