namespace KvNorm.Server.Completions;

/// <summary>A message of a conversation, as it came or as it is sent.</summary>
internal sealed record CompletionMessage
{
    public string? Role { get; init; }

    public MessageContent? Content { get; init; }

    public string? Refusal { get; init; }

    public string? ReasoningContent { get; init; }

    public IReadOnlyList<ToolCall?>? ToolCalls { get; init; }

    public string? ToolCallId { get; init; }
}

/// <summary>A call of a function; its index is which call of the answer it is, in a stream, and null elsewhere.</summary>
internal sealed record ToolCall(int? Index, string? Id, string? Type, CalledFunction? Function);

/// <summary>The function called, with its arguments as JSON text.</summary>
internal sealed record CalledFunction(string? Name, string? Arguments);
