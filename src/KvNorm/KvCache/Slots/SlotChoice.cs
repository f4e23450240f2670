namespace KvNorm.KvCache.Slots;

/// <summary>The slot that a prompt gets, and what becomes of what it holds.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Continues">Whether the prompt goes on with what the slot holds; otherwise that makes way for another conversation.</param>
/// <param name="Shared">The slot a copy of whose conversation is the beginning; null for none.</param>
/// <param name="Parked">The parked conversation that is the beginning; null for none.</param>
internal readonly record struct SlotChoice(Slot Slot, bool Continues = false, Slot? Shared = null, ConversationSnapshot? Parked = null);
