namespace KvNorm.Grammars;

/// <summary>A part of a pattern that can be repeated.</summary>
/// <param name="Text">What it is, in GBNF.</param>
/// <param name="Least">The fewest characters of its texts.</param>
/// <param name="Most">The most characters of its texts; null for no bound.</param>
internal readonly record struct PatternItem(string Text, int Least, int? Most);
