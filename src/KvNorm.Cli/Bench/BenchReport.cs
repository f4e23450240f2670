using System.Text.Json.Nodes;

namespace KvNorm.Cli.Bench;

/// <summary>One run of `kvnorm bench`; what was not measured is null.</summary>
internal sealed record BenchReport(
    BenchEnvironment Environment, SpeedReport? Speed, ChatReport? Chat, ConcurrencyReport? Concurrency, SharingReport? Sharing,
    ContentionReport? Contention, ConversationReport? Conversation, AttentionReport? Attention, EvictionReport? Eviction)
{
    /// <summary>All parts side by side in one object.</summary>
    public JsonObject ToJson()
    {
        JsonObject all = [];
        object?[] parts = [Environment, Speed, Chat, Concurrency, Sharing, Contention, Conversation, Attention, Eviction];
        foreach (object? part in parts)
        {
            foreach ((string name, JsonNode? value) in Json.ToObject(part))
                all.Add(name, value?.DeepClone());
        }

        return all;
    }
}
