using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class WordRarityTests
{
    private static readonly TokenPieces Pieces = TokenPieces.Of(EmbeddedModel.Model.Vocabulary);

    // Of letters: lower case continues a word and leaves it open, upper case begins one, anything else is punctuation.
    [Property(MaxTest = 200)]
    public void Rarity_AnyAppendAndTruncate_IsThatOfCountingAnew(int seed)
    {
        Random random = new(seed);
        WordRarity words = new();
        string text = "";
        for (int step = 0; step < 12; step++)
        {
            if (random.Next(3) > 0)
            {
                string more = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => "abcAB. "[random.Next(7)]));
                foreach (char letter in more)
                    words.Append(letter, PieceOf(letter));
                text += more;
            }
            else
            {
                int length = random.Next(text.Length + 1);
                words.Truncate(length);
                text = text[..length];
            }

            int counted = random.Next(text.Length + 1);
            words.Count(counted);
            double[] expected = Expected(text[..counted]);
            for (int token = 0; token < counted; token++)
                Assert.Equal(expected[token], words[token], 6);
        }
    }

    [Fact]
    public void Rarity_NumberOfCommonDigits_IsRarerThanTheWordsAround()
    {
        (WordRarity words, string[] tokens) = Read(
            "The cat sat. The dog sat. The cat ran 1 mile, the dog ran 2 miles. The code is 11212. The cat sat.");
        int last = Array.LastIndexOf(tokens, "2"), first = Array.IndexOf(tokens, " The");
        Assert.True(words[last] > words[first] + 1, $"{words[last]} and {words[first]}");
        Assert.True(words[last] >= words[Array.IndexOf(tokens, " code")]);
        Assert.True(words[Array.IndexOf(tokens, ".")] <= words[first]);
    }

    [Theory]
    [InlineData("He said that the ship was in the harbor, and that all of us were to go there at once.", 1)]
    [InlineData("{\"order\": 8699, \"status\": \"on the way\", \"note\": \"to be left with a neighbour if there is no one at home\"}", 1)]
    [InlineData("日本語は日本の言語です。日本は島国です。", 1)] // without spaces, so there are no words to count
    [InlineData("", 1)]
    [InlineData("1. walnut 2. harbor 3. zebra 4. walnut 5. marble 6. harbor 7. walnut 8. violin 9. zebra 10. walnut", 0)]
    [InlineData("kqzvw bxatp kqzvw yyhjd kqzvw bxatp wzzpl kqzvw", 0)]
    public void Weight_Text_IsThatOfItsCommonWords(string text, double expected) => Assert.Equal(expected, Read(text).Words.Weight, 2);

    // Without spaces all text would be one word, which no other is like.
    [Fact]
    public void Rarity_WritingWithoutSpaces_IsThatOfItsTokens()
    {
        (WordRarity words, string[] tokens) = Read("日本語は日本の言語です。日本は島国です。");
        int common = Array.IndexOf(tokens, "本"), rare = Array.IndexOf(tokens, "の");
        Assert.True(common >= 0 && rare >= 0, string.Join('|', tokens));
        Assert.True(words[rare] > words[common]);
    }

    private static (WordRarity Words, string[] Tokens) Read(string text)
    {
        LlamaVocabulary vocabulary = EmbeddedModel.Model.Vocabulary;
        List<int> tokens = [];
        vocabulary.TokenizeText(text, tokens);
        WordRarity words = new();
        foreach (int token in tokens)
            words.Append(token, Pieces[token]);
        words.Count(tokens.Count);
        return (words, [.. tokens.Select(token => vocabulary.Text([token]))]);
    }

    private static double[] Expected(string text)
    {
        string[] beginnings = new string[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            bool goesOn = char.IsLower(text[i]) && i > 0 && char.IsLetter(text[i - 1]);
            beginnings[i] = char.IsLetter(text[i]) ? (goesOn ? beginnings[i - 1] : "") + text[i] : "";
        }

        ILookup<string, string> counts = beginnings.ToLookup(static word => word, StringComparer.Ordinal);
        int most = counts.Where(static word => word.Key.Length > 0).Select(static word => word.Count()).DefaultIfEmpty(1).Max();
        double[] rarities = [.. beginnings.Select(word => -Math.Log(word.Length == 0 ? most : counts[word].Count()))];
        double mean = rarities.DefaultIfEmpty().Average();
        double deviation = Math.Sqrt(rarities.Select(rarity => Math.Pow(rarity - mean, 2)).DefaultIfEmpty().Average());
        return [.. rarities.Select(rarity => deviation > 1e-4 ? (rarity - mean) / deviation : 0)];
    }

    private static TokenPiece PieceOf(char letter) => letter switch
    {
        >= 'a' and <= 'z' => TokenPiece.Word | TokenPiece.ContinuesWord | TokenPiece.LeavesWordOpen,
        >= 'A' and <= 'Z' => TokenPiece.Word | TokenPiece.LeavesWordOpen,
        _ => TokenPiece.Punctuation,
    };
}
