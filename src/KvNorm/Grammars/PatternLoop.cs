namespace KvNorm.Grammars;

/// <summary>A part of a pattern, and how often it stands there.</summary>
/// <param name="Item">The part.</param>
/// <param name="Least">The fewest times.</param>
/// <param name="Most">The most times; null for no bound.</param>
internal readonly record struct PatternLoop(PatternItem Item, int Least, int? Most);
