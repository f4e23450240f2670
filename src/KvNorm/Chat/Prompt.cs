namespace KvNorm.Chat;

/// <summary>A whole conversation as tokens, up to where the answer begins.</summary>
/// <param name="Tokens">All tokens.</param>
/// <param name="SystemEnd">One behind the last token of the leading system messages; 0 when there is none.</param>
/// <param name="OpenStart">The first token of the last user message.</param>
/// <param name="OpenEnd">One behind its last; equal to the start when there is none.</param>
internal sealed record Prompt(int[] Tokens, int SystemEnd, int OpenStart, int OpenEnd);
