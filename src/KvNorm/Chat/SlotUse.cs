namespace KvNorm.Chat;

/// <summary>Who used a slot last.</summary>
/// <param name="ConversationId">The name of the conversation; null for one without.</param>
/// <param name="At">When.</param>
internal sealed record SlotUse(string? ConversationId, DateTimeOffset At);
