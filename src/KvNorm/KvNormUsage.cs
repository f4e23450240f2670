namespace KvNorm;

/// <summary>
/// Names under which a response tells more than the abstractions have properties for. The figures are in UsageDetails.AdditionalCounts,
/// which middleware adds up over the requests of one response; the times are in AdditionalProperties as well, unrounded: those of the last
/// update, of the message made of it, and of the response of GetResponseAsync.
/// </summary>
public static class KvNormUsage
{
    /// <summary>Evictions during the request.</summary>
    public const string Evictions = "kvnorm.evictions";

    /// <summary>Rows evicted during the request; a row is one token's key and value in one layer and head.</summary>
    public const string EvictedRows = "kvnorm.evicted_rows";

    /// <summary>Prefill of the prompt, evictions included: whole milliseconds as a count, a double as a property.</summary>
    public const string PrefillMilliseconds = "kvnorm.prefill_ms";

    /// <summary>Decoding of the answer, evictions included: whole milliseconds as a count, a double as a property.</summary>
    public const string DecodeMilliseconds = "kvnorm.decode_ms";

    /// <summary>Passages (sentences or lines) that were evicted and came back for the request.</summary>
    public const string Recalls = "kvnorm.recalls";

    /// <summary>Tokens of these that some layer or head had lost.</summary>
    public const string RecalledTokens = "kvnorm.recalled_tokens";

    /// <summary>
    /// The recall, beside an eviction at the same time: whole milliseconds as a count, a double as a property. A part of the prefill.
    /// </summary>
    public const string RecallMilliseconds = "kvnorm.recall_ms";

    /// <summary>
    /// The id by which <see cref="KvNormChatClient.GetConversation"/> finds the conversation of the request: the ChatOptions.ConversationId
    /// of the caller, else one that the client made. In AdditionalProperties of the first and the last update, of the message made of them,
    /// and of the response of GetResponseAsync. It asks nobody to leave out what was said before.
    /// </summary>
    public const string ConversationId = "kvnorm.conversation_id";

    /// <summary>Evictions during the request: whole milliseconds as a count, a double as a property.</summary>
    public const string EvictionMilliseconds = "kvnorm.eviction_ms";
}
