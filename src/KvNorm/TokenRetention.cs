using System.Text;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;

namespace KvNorm;

/// <summary>How much of a token the cache still holds.</summary>
/// <param name="Text">Its text; special tokens in their written form, a character of several tokens with the last of them.</param>
/// <param name="Held">The share of (layer, head) pairs that hold it, 0 to 1.</param>
public readonly record struct TokenRetention(string Text, float Held)
{
    /// <summary>Gets whether it was evicted and came back for the last message.</summary>
    public bool IsRecalled { get; init; }

    /// <summary>The retention of a conversation, token by token.</summary>
    internal static IReadOnlyList<TokenRetention> Of(LlamaVocabulary vocabulary, HeldTokens held)
    {
        Decoder decoder = Encoding.UTF8.GetDecoder();
        TokenRetention[] all = [.. held.Tokens.Zip(held.Held, (token, share) => new TokenRetention(TextOf(token), share))];
        foreach (TokenRange span in held.Recalled)
        {
            for (int token = span.Start; token < span.End; token++)
                all[token] = all[token] with { IsRecalled = true };
        }

        return all;

        string TextOf(int token)
        {
            byte[] bytes = vocabulary.PieceBytes(token, special: true);
            char[] characters = new char[bytes.Length + 1];
            return new string(characters, 0, decoder.GetChars(bytes, 0, bytes.Length, characters, 0, flush: false));
        }
    }
}
