using KvNorm.Llama;

namespace KvNorm.Chat;

/// <summary>
/// Turns a resent conversation into tokens. A turn whose text is the one seen in its place last time keeps its tokens: nothing is tokenised twice,
/// and an answer keeps the tokens that were sampled, which its text need not give again.
/// </summary>
internal sealed class PromptEncoder(ChatMlTemplate template, LlamaVocabulary vocabulary)
{
    private readonly List<(ChatTurn Turn, int[] Tokens)> _known = [];

    /// <summary>Encodes a conversation and what comes before the answer.</summary>
    public Prompt Encode(IReadOnlyList<ChatTurn> turns)
    {
        List<int> tokens = [];
        if (vocabulary.BeginOfText is { } begin)
            tokens.Add(begin);
        int systemEnd = 0, openStart = 0, openEnd = 0;
        bool leading = true;
        for (int i = 0; i < turns.Count; i++)
        {
            int start = tokens.Count;
            tokens.AddRange(TokensOf(turns[i], i));
            leading &= turns[i].Role == ChatTurn.System;
            if (leading)
                systemEnd = tokens.Count;
            if (turns[i].Role == ChatTurn.User)
                (openStart, openEnd) = (start, tokens.Count);
        }

        _known.RemoveRange(turns.Count, _known.Count - turns.Count);
        template.AppendOpening(tokens);
        return new Prompt([.. tokens], systemEnd, openStart, openEnd);
    }

    /// <summary>Remembers which tokens the answer to the last encoded conversation consists of.</summary>
    /// <param name="text">The answer as the caller got it.</param>
    /// <param name="sampled">Its tokens.</param>
    public void Remember(string text, IEnumerable<int> sampled)
    {
        List<int> tokens = [];
        template.AppendOpening(tokens);
        tokens.AddRange(sampled);
        template.AppendClosing(tokens);
        _known.Add((new ChatTurn(ChatTurn.Assistant, text), [.. tokens]));
    }

    private int[] TokensOf(ChatTurn turn, int index)
    {
        if (index < _known.Count && _known[index].Turn == turn)
            return _known[index].Tokens;
        List<int> tokens = [];
        template.AppendTurn(turn, tokens);
        if (index < _known.Count)
            _known[index] = (turn, [.. tokens]);
        else
            _known.Add((turn, [.. tokens]));
        return _known[index].Tokens;
    }
}
