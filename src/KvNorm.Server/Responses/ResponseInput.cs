using System.Text.Json.Serialization;
using KvNorm.Server.Completions;

namespace KvNorm.Server.Responses;

/// <summary>What is new of the conversation: the user's text, or a list of items.</summary>
[JsonConverter(typeof(ResponseInputConverter))]
internal sealed record ResponseInput(IReadOnlyList<InputItem?> Items);

/// <summary>A message, a call, the result of one, or reasoning.</summary>
internal sealed record InputItem
{
    public string? Type { get; init; }

    public string? Role { get; init; }

    public MessageContent? Content { get; init; }

    public string? CallId { get; init; }

    public string? Name { get; init; }

    public string? Arguments { get; init; }

    public MessageContent? Output { get; init; }
}
