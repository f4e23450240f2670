using KvNorm.Cli.LineEditing;

namespace KvNorm.Cli.Tests.LineEditing;

public sealed class TextLayoutTests
{
    [Theory]
    [InlineData("", 0, "", 0, 0)]
    [InlineData("abc", 1, "abc", 0, 1)]
    [InlineData("abcdefg", 7, "abcde/fg", 1, 2)]
    [InlineData("abcdefg", 5, "abcde/fg", 1, 0)]
    [InlineData("abcde", 5, "abcde/", 1, 0)] // the cursor needs a place
    [InlineData("ab\ncd", 3, "ab/cd", 1, 0)]
    [InlineData("ab\ncd", 2, "ab/cd", 0, 2)]
    [InlineData("abcde\nf", 7, "abcde/f", 1, 1)]
    [InlineData("\n\n", 2, "//", 2, 0)]
    [InlineData("中文字", 3, "中文/字", 1, 2)] // two columns each
    [InlineData("a😀b", 3, "a😀b", 0, 3)]
    [InlineData("e\u0301a", 2, "e\u0301a", 0, 1)]
    [InlineData("abcd👨‍👩‍👧", 4, "abcd/👨‍👩‍👧", 1, 0)]
    [InlineData("a\tb", 2, "a    /b", 1, 0)]
    public void Of_FiveColumns_BreaksAndFindsTheCursor(string text, int cursor, string rows, int row, int column)
    {
        TextLayout layout = TextLayout.Of(text, cursor, 5);
        Assert.Equal(rows, string.Join('/', layout.Rows));
        Assert.Equal((row, column), (layout.CursorRow, layout.CursorColumn));
    }
}
