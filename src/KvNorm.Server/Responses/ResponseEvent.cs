namespace KvNorm.Server.Responses;

/// <summary>An event of a streamed response; which fields it has depends on its type.</summary>
internal sealed record ResponseEvent(string Type, int SequenceNumber)
{
    public ResponseObject? Response { get; init; }

    public int? OutputIndex { get; init; }

    public OutputItem? Item { get; init; }

    public string? ItemId { get; init; }

    public int? ContentIndex { get; init; }

    public OutputPart? Part { get; init; }

    public string? Delta { get; init; }

    public string? Text { get; init; }

    public string? Name { get; init; }

    public string? Arguments { get; init; }
}
