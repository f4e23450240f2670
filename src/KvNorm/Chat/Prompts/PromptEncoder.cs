using System.Runtime.InteropServices;
using System.Text;
using KvNorm.Jinja;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// Turns a rendered conversation into tokens. Special tokens come from the template's own text alone; what lies between two of them is
/// tokenised as one, as llama.cpp does, and only once. An answer keeps the tokens that were sampled, which its text need not give again.
/// Safe for concurrent use.
/// </summary>
internal sealed class PromptEncoder(SpecialTokens specials, LlamaVocabulary vocabulary)
{
    private const ulong Anywhere = 0; // the hash under which a piece's own tokens are known
    private readonly PieceCache _known = new();

    /// <summary>Encodes a conversation up to where the answer begins.</summary>
    public Prompt Encode(PromptText text)
    {
        List<PromptUnit> units = Split(text.Pieces);
        List<int> tokens = [], turnEnds = [];
        if (vocabulary.BeginOfText is { } begin && (units.Count == 0 || units[0].Token != begin))
            tokens.Add(begin);
        int hashed = 0, tail = tokens.Count;
        ulong hash = PieceCache.Seed;
        for (int i = 0; i < units.Count; i++)
        {
            units[i] = units[i] with { FirstToken = tokens.Count };
            tail = units[i].IsSpecial ? tokens.Count + 1 : tokens.Count;
            if (units[i].IsSpecial)
            {
                tokens.Add(units[i].Token);
                if (vocabulary.IsEndOfGeneration(units[i].Token))
                    turnEnds.Add(tokens.Count);
                continue;
            }

            hash = PieceCache.Hash(hash, CollectionsMarshal.AsSpan(tokens)[hashed..]);
            hashed = tokens.Count;
            tokens.AddRange(TokensOf(hash, units[i].Text));
        }

        TokenPlaces places = new(units, tokens, vocabulary);
        TokenRange[] exchanges = [.. text.Exchanges.Select(exchange => places.Between(exchange.Start, exchange.End))];
        TokenRange open = places.Between(text.OpenStart, text.OpenEnd);
        int systemEnd = places.Before(text.SystemEnd, whole: true);
        int firstEnd = places.Between(0, text.FirstMessageEnd).End;
        return new Prompt([.. tokens], systemEnd, open.Start, open.End, tail)
        {
            FirstMessageEnd = turnEnds.Contains(firstEnd + 1) ? firstEnd + 1 : firstEnd,
            Exchanges = exchanges,
            TurnEnds = turnEnds,
        };
    }

    /// <summary>Remembers which tokens an answer consists of, for when its text comes back.</summary>
    /// <param name="prompt">What was answered.</param>
    /// <param name="sampled">The answer.</param>
    public void Remember(Prompt prompt, IEnumerable<int> sampled) => Remember([.. prompt.Tokens, .. sampled], prompt.TailStart);

    /// <summary>Remembers which tokens the pieces of a conversation consist of.</summary>
    /// <param name="all">All tokens of the conversation.</param>
    /// <param name="start">Where the first of these pieces begins.</param>
    public void Remember(int[] all, int start)
    {
        ulong hash = PieceCache.Hash(PieceCache.Seed, all.AsSpan(0, start));
        while (start < all.Length)
        {
            int end = start;
            while (end < all.Length && !vocabulary.IsReserved(all[end]))
                end++;
            if (end > start)
                _known.Add(hash, vocabulary.Text(all[start..end]), all[start..end]);
            int next = Math.Min(end + 1, all.Length); // the index after the special token
            hash = PieceCache.Hash(hash, all.AsSpan(start, next - start));
            start = next;
        }
    }

    private int[] TokensOf(ulong before, string text)
    {
        if ((_known.Find(before, text) ?? _known.Find(Anywhere, text)) is { } known)
            return known;
        List<int> made = [];
        vocabulary.TokenizeText(text, made);
        int[] tokens = [.. made];
        _known.Add(Anywhere, text, tokens);
        return tokens;
    }

    // Special tokens and the text between them. Text of the template and of messages that meet are one piece.
    private List<PromptUnit> Split(IReadOnlyList<JinjaText> pieces)
    {
        List<PromptUnit> units = [];
        StringBuilder pending = new();
        int at = 0;
        foreach (JinjaText piece in pieces)
        {
            ReadOnlySpan<char> text = piece.Text;
            while (piece.FromTemplate && specials.FindFirst(text) is { Length: > 0 } found)
            {
                pending.Append(text[..found.Start]);
                Flush();
                units.Add(new PromptUnit("", found.Token, at, at + found.Length));
                at += found.Length;
                text = text[(found.Start + found.Length)..];
            }

            pending.Append(text);
        }

        Flush();
        return units;

        void Flush()
        {
            if (pending.Length > 0)
                units.Add(new PromptUnit(pending.ToString(), PromptUnit.NoToken, at, at + pending.Length));
            at += pending.Length;
            pending.Clear();
        }
    }
}
