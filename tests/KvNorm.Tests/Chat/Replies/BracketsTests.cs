using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class BracketsTests
{
    [Theory]
    [InlineData("{}", 2)]
    [InlineData("{[(", -1)]
    [InlineData("{[()]} }", 6)]
    [InlineData("{\"}\"}", 5)]
    [InlineData("{\"\\\"}\"}", 7)]
    [InlineData("{'}'}", 3)] // no quote here
    [InlineData("{\"", -1)]
    public void Take_Letters_CloseWhereNothingIsOpen(string text, int end) => Assert.Equal(end, End(text, "\""));

    [Theory]
    [InlineData("['\"]', 1]", 9)]
    [InlineData("[\"']\", 1]", 9)]
    [InlineData("['\\']']", 7)]
    public void Take_TwoQuotes_AreTextInEachOther(string text, int end) => Assert.Equal(end, End(text, "\"'"));

    [Fact]
    public void Take_MoreClosedThanOpened_CountsFromThere()
    {
        Brackets brackets = new("\"");
        brackets.Take('}');
        Assert.False(brackets.IsOpen);
        brackets.Take('{');
        Assert.True(brackets.IsOpen);
    }

    private static int End(string text, string quotes)
    {
        Brackets brackets = new(quotes);
        for (int i = 0; i < text.Length; i++)
        {
            if (brackets.Take(text[i]))
                return i + 1;
        }

        return -1;
    }
}
