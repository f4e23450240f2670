namespace KvNorm.Jinja.Tests;

public sealed class CharactersTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("ab", 2)]
    [InlineData("a😀b", 3)]
    [InlineData("e\u0301", 2)]
    public void Of_Text_GivesCodePoints(string text, int count) => CheckCount(text, count);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    public void Offset_OfAnIndex_IsTheWayBackOfIndex(int offset, int index)
    {
        JinjaString text = JinjaString.Data("a😀b");
        Assert.Equal(index, Characters.Index(Runs.New(), text, offset));
        Assert.Equal(offset, Characters.Offset(Runs.New(), text, index));
    }

    // Halves of a pair cannot stand in an attribute.
    [Fact]
    public void Of_HalvesOfAPair_GivesEach()
    {
        CheckCount("\uD83D", 1);
        CheckCount("\uDE00\uD83D", 2);
        Assert.True(Characters.HasPairs("\uD83D"));
    }

    [Theory]
    [InlineData("ab", false)]
    [InlineData("é漢", false)]
    [InlineData("😀", true)]
    public void HasPairs_Text_FindsSurrogates(string text, bool expected) => Assert.Equal(expected, Characters.HasPairs(text));

    [Theory]
    [InlineData(' ', true)]
    [InlineData('\n', true)]
    [InlineData('\u00A0', true)]
    [InlineData('\x1c', true)]
    [InlineData('\x1f', true)]
    [InlineData('\x1b', false)]
    [InlineData('\u200B', false)]
    [InlineData('a', false)]
    public void IsWhitespace_Character_IsAsInPython(char c, bool expected) => Assert.Equal(expected, Characters.IsWhitespace(c));

    private static void CheckCount(string text, int count)
    {
        Assert.Equal(count, Characters.Count(Runs.New(), JinjaString.Data(text)));
        Assert.Equal(count, Characters.Of(Runs.New(), JinjaString.Data(text)).Count());
        Assert.Equal(text, string.Concat(Characters.Of(Runs.New(), JinjaString.Data(text))));
    }
}
