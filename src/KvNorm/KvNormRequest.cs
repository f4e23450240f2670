namespace KvNorm;

/// <summary>Names in ChatOptions.AdditionalProperties under which a request says more than the abstractions have properties for.</summary>
public static class KvNormRequest
{
    /// <summary>
    /// True where a request with a ChatOptions.ConversationId sends the whole conversation, as clients of OpenAI's API do: its messages
    /// take the place of those kept under that name. The response names no conversation then, so that whoever goes on sends everything again.
    /// </summary>
    public const string WholeConversation = "kvnorm.whole_conversation";
}
