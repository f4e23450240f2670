namespace KvNorm;

/// <summary>How much of a token the cache still holds.</summary>
/// <param name="Text">Its text; special tokens in their written form, a character of several tokens with the last of them.</param>
/// <param name="Held">The share of (layer, head) pairs that hold it, 0 to 1.</param>
public readonly record struct TokenRetention(string Text, float Held);
