namespace KvNorm.Grammars;

/// <summary>A part of a text in which no trigger starts a grammar: a thought may speak of the mark of a call without making one.</summary>
/// <param name="Start">The mark that begins it.</param>
/// <param name="Ends">The marks of which any ends it.</param>
/// <param name="IsOpen">Whether the text begins in one.</param>
internal sealed record TriggerPause(string Start, IReadOnlyList<string> Ends, bool IsOpen);
