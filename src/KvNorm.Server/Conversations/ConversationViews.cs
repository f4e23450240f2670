using System.Text.Json.Serialization;

namespace KvNorm.Server.Conversations;

/// <summary>What a model's cache holds.</summary>
/// <param name="Model">The model.</param>
/// <param name="Capacity">The cells that all conversations may use together.</param>
/// <param name="BytesPerCell">The bytes of a cell.</param>
/// <param name="BudgetBytes">The bytes of those cells.</param>
/// <param name="Slots">The conversations answered at a time, each with an equal share.</param>
/// <param name="Conversations">The conversations held.</param>
internal sealed record ConversationsView(
    string Model, int Capacity, long BytesPerCell, long BudgetBytes, int Slots, IReadOnlyList<ConversationView> Conversations);

/// <summary>A conversation held in the cache, in host memory, or by its name alone.</summary>
/// <param name="Id">Its name, or the id that was made for it; null for what the cache still holds of one that was removed.</param>
/// <param name="IsNamed">Whether it is kept by a name that a client gave it.</param>
/// <param name="Slot">The slot that holds it; null for none.</param>
/// <param name="IsParked">Whether host memory holds it.</param>
/// <param name="LogicalTokens">All its tokens.</param>
/// <param name="Cells">The cells it takes.</param>
/// <param name="Bytes">The bytes of those.</param>
/// <param name="LastUse">When it was used last; null where that is not known.</param>
internal sealed record ConversationView(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Id,
    bool IsNamed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Slot,
    bool IsParked, int LogicalTokens, int Cells, long Bytes, DateTimeOffset? LastUse);

/// <summary>What is still remembered of a conversation.</summary>
/// <param name="Id">Its name, or the id that was made for it.</param>
/// <param name="LogicalTokens">All its tokens.</param>
/// <param name="Cells">The cells it takes.</param>
/// <param name="Capacity">The cells it may take.</param>
/// <param name="Held">The share of all its rows that is held, 0 to 1.</param>
/// <param name="Recalled">Tokens that came back for the last message.</param>
/// <param name="Evicted">Tokens that no layer and head holds any more.</param>
/// <param name="TokensPerSecond">The speed of the last answer; null where that is not known.</param>
/// <param name="From">Which of its tokens the first one of <paramref name="Tokens"/> is.</param>
/// <param name="Tokens">The tokens asked for, in order; all of them unless the query's "from" and "count" say less.</param>
/// <param name="Slices">The share held of each of up to 100 equal parts of the conversation, in order.</param>
/// <param name="Passages">The passages that came back for the last message.</param>
/// <param name="Events">What happened lately, in order.</param>
internal sealed record MemoryView(
    string Id, int LogicalTokens, int Cells, int Capacity, double Held, int Recalled, int Evicted, double? TokensPerSecond,
    int From, IReadOnlyList<TokenView> Tokens, IReadOnlyList<float> Slices, IReadOnlyList<RecalledPassage> Passages,
    IReadOnlyList<EventView> Events)
{
    /// <summary>What a reader sees of a conversation.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="tokens">All its tokens.</param>
    /// <param name="events">What happened to it.</param>
    /// <param name="capacity">The cells it may take.</param>
    /// <param name="window">The tokens asked for.</param>
    public static MemoryView Of(
        KvNormConversation conversation,
        IReadOnlyList<TokenRetention> tokens,
        IReadOnlyList<KvCacheEvent> events,
        int capacity,
        TokenWindow window) => new(
            conversation.ConversationId!,
            tokens.Count,
            conversation.Cells,
            capacity,
            tokens.Count == 0 ? 0 : tokens.Average(static token => token.Held),
            tokens.Count(static token => token.IsRecalled),
            tokens.Count(static token => token.Held == 0),
            conversation.TokensPerSecond,
            window.From,
            [.. tokens.Take(window.From..window.To).Select(static token => new TokenView(token.Text, token.Held, token.IsRecalled))],
            TokenSummary.Slices(tokens),
            TokenSummary.Passages(tokens),
            [.. events.Select(EventView.Of)]);
}

/// <summary>A token, and how much of it is held.</summary>
internal sealed record TokenView(string Text, float Held, bool Recalled);

/// <summary>Tokens in a row that came back for the last message, from one on.</summary>
internal sealed record RecalledPassage(int From, string Text);

/// <summary>The name of a file in the configured folder; null for that of the conversation.</summary>
internal sealed record ConversationFileName(string? Name);

/// <summary>The file that a conversation was saved to, or loaded from with so many messages.</summary>
internal sealed record ConversationFileView(string Name, int? Messages = null);
