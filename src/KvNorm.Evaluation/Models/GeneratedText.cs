namespace KvNorm.Evaluation.Models;

/// <summary>What a model said.</summary>
/// <param name="Text">The text.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="HitLimit">Whether it would have gone on.</param>
internal sealed record GeneratedText(string Text, int Tokens, bool HitLimit);
