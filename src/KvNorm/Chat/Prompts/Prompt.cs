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
    /// <summary>Gets the index after the user's first message and the token that ends its turn; 0 where it cannot be told.</summary>
    public int FirstMessageEnd { get; init; }

    /// <summary>Gets the calls of tools, each from the end of the text before it to the end of its results.</summary>
    public IReadOnlyList<TokenRange> Exchanges { get; init; } = [];

    /// <summary>Gets the indices after tokens that end a turn, ascending.</summary>
    public IReadOnlyList<int> TurnEnds { get; init; } = [];

    /// <summary>
    /// Where what is asked begins, with the head of its turn: what comes back is read before it, and is nobody's words there.
    /// </summary>
    /// <param name="held">Tokens that are held already.</param>
    /// <returns>The index after the turn before it where that has a token for its end; never less than <paramref name="held"/>.</returns>
    public int QuestionStart(int held)
    {
        if (held > OpenStart) // results of tools follow the call that is held
            return TurnEnds.FirstOrDefault(end => end >= held && end <= TailStart, held);
        return TurnEnds.LastOrDefault(end => end >= held && end <= OpenStart, OpenStart);
    }

    /// <summary>
    /// What is asked: the last user message; where that is held already, with what came after it, the newest results of tools.
    /// </summary>
    /// <param name="held">Tokens that are held already.</param>
    public int[] Question(int held) =>
        [.. Tokens[OpenStart..OpenEnd], .. held > OpenEnd && held < TailStart ? Tokens[held..TailStart] : []];

    /// <summary>What is asked, where all before the newest turn is held.</summary>
    public int[] NewestQuestion() => Question(TurnEnds is [.., int before, _] ? before : 0);
}
