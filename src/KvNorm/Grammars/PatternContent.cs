namespace KvNorm.Grammars;

/// <summary>A pattern as far as a grammar says it.</summary>
/// <param name="Text">What stands between the quotes, in GBNF.</param>
/// <param name="HoldsLeast">Whether no text is shorter than wanted.</param>
/// <param name="HoldsMost">Whether no text is longer than wanted.</param>
internal sealed record PatternContent(string Text, bool HoldsLeast, bool HoldsMost);
