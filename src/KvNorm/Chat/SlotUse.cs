using KvNorm.Chat.Conversations;

namespace KvNorm.Chat;

/// <summary>Who used a slot last.</summary>
/// <param name="Conversation">The conversation kept by name; null for one without.</param>
/// <param name="At">When.</param>
internal sealed record SlotUse(StoredConversation? Conversation, DateTimeOffset At);
