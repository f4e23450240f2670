namespace KvNorm.Server.Models;

/// <summary>The models served, in OpenAI's shape.</summary>
internal sealed record ModelList(IReadOnlyList<ModelEntry> Data)
{
    public string Object { get; } = "list";
}

/// <summary>A model served.</summary>
internal sealed record ModelEntry(string Id, long Created)
{
    public string Object { get; } = "model";

    public string OwnedBy { get; } = "kvnorm";
}
