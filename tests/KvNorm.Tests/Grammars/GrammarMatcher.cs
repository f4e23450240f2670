using System.Text;
using KvNorm.Grammars;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Grammars;

/// <summary>Asks llama.cpp's own grammars about texts, byte by byte. A grammar that it cannot parse throws.</summary>
internal static class GrammarMatcher
{
    private const int Patience = 60; // bytes after which a text is brought to its end

    private static readonly Lazy<LlamaModel> Model = new(static () => TinyModel.Load());

    private static LlamaVocabulary Vocabulary => Model.Value.Vocabulary;

    /// <summary>Whether a grammar lets a whole text through.</summary>
    public static bool Accepts(string grammar, string text)
    {
        using GrammarSampler sampler = new(new Grammar(grammar), Vocabulary);
        return Encoding.UTF8.GetBytes(text).All(value => sampler.TryAccept(TinyVocabulary.FirstByte + value))
            && sampler.TryAccept(TinyVocabulary.EndMarker);
    }

    /// <summary>Whether a grammar lets the beginning of some text through.</summary>
    public static bool AcceptsBeginning(string grammar, string text)
    {
        using GrammarSampler sampler = new(new Grammar(grammar), Vocabulary);
        return Encoding.UTF8.GetBytes(text).All(value => sampler.TryAccept(TinyVocabulary.FirstByte + value));
    }

    /// <summary>A text that a grammar lets through, drawn at random; null when it does not come to an end.</summary>
    public static string? Draw(string grammar, Random random, int most = 2000)
    {
        using GrammarSampler sampler = new(new Grammar(grammar), Vocabulary);
        List<byte> text = [];
        while (text.Count < most)
        {
            int[] tokens = Allowed(sampler);
            int token = Choose(tokens, random, text.Count > Patience);
            if (!sampler.TryAccept(token))
                throw new InvalidOperationException(
                    $"Token {token} was allowed and then refused after '{Encoding.UTF8.GetString([.. text])}'.");
            if (token == TinyVocabulary.EndMarker)
                return Encoding.UTF8.GetString([.. text]);
            text.Add((byte)(token - TinyVocabulary.FirstByte));
        }

        return null;
    }

    private static int[] Allowed(GrammarSampler sampler)
    {
        LlamaCandidates candidates = new(257);
        foreach (int token in Enumerable.Range(TinyVocabulary.FirstByte, 256).Append(TinyVocabulary.EndMarker))
            candidates.Add(token, 0);
        sampler.Refuse(candidates);
        int[] allowed = [.. candidates.Span.ToArray().Where(static candidate => !float.IsNegativeInfinity(candidate.Logit))
            .Select(static candidate => (int)candidate.ID)];
        int[] simple = [.. allowed.Where(static token => !IsCountedInTwoWays(token))];
        return simple.Length > 0 ? simple : allowed;
    }

    // Beyond the basic plane, by the first byte or by an escape, characters are counted in two ways; and llama.cpp lets overlong forms
    // through behind 0xE0.
    private static bool IsCountedInTwoWays(int token) => token - TinyVocabulary.FirstByte is '\\' or 0xE0 or (>= 0xF0 and <= 0xFF);

    // What ends texts, strings, objects and arrays is drawn more often, and first of all once the text is long.
    private static int Choose(int[] tokens, Random random, bool hurry)
    {
        if (tokens.Length == 0)
            throw new InvalidOperationException("The grammar allows nothing, not even the end.");
        int[] ends = [.. tokens.Where(
            static token => token == TinyVocabulary.EndMarker || (char)(token - TinyVocabulary.FirstByte) is '}' or ']' or '"')];
        if (ends.Length > 0 && (hurry || random.Next(3) == 0))
            return hurry ? ends[^1] : ends[random.Next(ends.Length)];
        int[] plain = [.. tokens.Where(static token => (char)(token - TinyVocabulary.FirstByte) is >= ' ' and <= '~' and not '\\')];
        return plain.Length > 0 && (hurry || random.Next(20) > 0) ? plain[random.Next(plain.Length)] : tokens[random.Next(tokens.Length)];
    }
}
