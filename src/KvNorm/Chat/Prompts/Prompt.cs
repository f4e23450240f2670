using KvNorm.KvCache.Eviction;

namespace KvNorm.Chat.Prompts;

/// <summary>A whole conversation as tokens, up to where the answer begins.</summary>
/// <param name="Tokens">All tokens.</param>
/// <param name="SystemEnd">Tokens before the first message that is not a system message: the system prompt and the tools.</param>
/// <param name="OpenStart">The first token of the last user message's text.</param>
/// <param name="OpenEnd">The index after its last; equal to the start when there is none.</param>
/// <param name="TailStart">
/// The index after the last special token: text from here on and the beginning of the answer are tokenised as one.
/// </param>
internal sealed record Prompt(int[] Tokens, int SystemEnd, int OpenStart, int OpenEnd, int TailStart)
{
    /// <summary>Gets the calls of tools, each from the end of the text before it to the end of its results.</summary>
    public IReadOnlyList<TokenRange> Exchanges { get; init; } = [];

    /// <summary>
    /// What is asked: the last user message; where that is held already, with what came after it, the newest results of tools.
    /// </summary>
    /// <param name="held">Tokens that are held already.</param>
    public int[] Question(int held) =>
        [.. Tokens[OpenStart..OpenEnd], .. held > OpenEnd && held < TailStart ? Tokens[held..TailStart] : []];
}
