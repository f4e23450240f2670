using FsCheck.Xunit;
using KvNorm.Chat.Prompts;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class TokenPlacesTests
{
    private static readonly LlamaVocabulary Vocabulary = EmbeddedModel.Model.Vocabulary;

    private readonly List<PromptUnit> _units = [];
    private readonly List<int> _tokens = [];

    [Theory]
    [InlineData(0, 5, "Hello")]
    [InlineData(1, 4, "Hello")] // inside of a token
    [InlineData(5, 11, " there")]
    [InlineData(11, 12, "")]     // the special token, which has no bytes
    [InlineData(12, 16, "é 😀")]
    [InlineData(3, 3, "")]
    public void Between_APiece_IsTheTokensThatHaveSomeOfIt(int start, int end, string expected)
    {
        Build("Hello there", "é 😀!");
        TokenRange found = new TokenPlaces(_units, _tokens, Vocabulary).Between(start, end);
        Assert.Equal(expected, Vocabulary.Text(_tokens[found.Start..found.End]));
    }

    [Property(MaxTest = 50)]
    public void Before_PlacesInAnyOrder_AreWhereOneSearchForEachFindsThem(int seed)
    {
        Random random = new(seed);
        string[] words = ["one ", "Ünder", "語", "\n\n", "zwei.", "x"];
        Build([.. Enumerable.Range(0, 3).Select(_ => string.Concat(random.GetItems(words, random.Next(1, 20))))]);
        TokenPlaces places = new(_units, _tokens, Vocabulary);
        for (int i = 0; i < 20; i++)
        {
            (int place, bool whole) = (random.Next(_units[^1].End + 2), random.Next(2) == 0);
            Assert.Equal(new TokenPlaces(_units, _tokens, Vocabulary).Before(place, whole), places.Before(place, whole));
        }
    }

    // Texts with a special token of one character between them.
    private void Build(params string[] texts)
    {
        int at = 0;
        foreach (string text in texts)
        {
            if (at > 0)
            {
                _units.Add(new PromptUnit("", Vocabulary.EndToken!.Value, at, ++at, _tokens.Count));
                _tokens.Add(Vocabulary.EndToken.Value);
            }

            _units.Add(new PromptUnit(text, PromptUnit.NoToken, at, at + text.Length, _tokens.Count));
            at += text.Length;
            Vocabulary.TokenizeText(text, _tokens);
        }
    }
}
