namespace KvNorm.Server.Responses;

/// <summary>A part of a response: a message, reasoning, or a call, each with its own fields.</summary>
internal sealed record OutputItem(string Id, string Type, string Status)
{
    public string? Role { get; init; }

    public IReadOnlyList<OutputPart>? Content { get; init; }

    public IReadOnlyList<OutputPart>? Summary { get; init; }

    public string? CallId { get; init; }

    public string? Name { get; init; }

    public string? Arguments { get; init; }
}

/// <summary>A text of an item.</summary>
internal sealed record OutputPart(string Type, string Text)
{
    /// <summary>Gets the places of sources in the text, of which there are none; null where reasoning has no such thing.</summary>
    public IReadOnlyList<string>? Annotations { get; } = Type == "output_text" ? [] : null;
}
