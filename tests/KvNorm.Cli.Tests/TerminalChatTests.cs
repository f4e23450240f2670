namespace KvNorm.Cli.Tests;

public sealed class TerminalChatTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text – é 中 😀", "plain text – é 中 😀")]
    [InlineData("two\nlines\tand a tab", "two\nlines\tand a tab")]
    [InlineData("\u001B[31mred\u001B[0m", "\uFFFD[31mred\uFFFD[0m")]
    [InlineData("\u001B]0;title\a", "\uFFFD]0;title\uFFFD")]
    [InlineData("over\rwritten \b\0\u007F", "over\uFFFDwritten \uFFFD\uFFFD\uFFFD")]
    [InlineData("\u009B2J", "\uFFFD2J")] // CSI as one character
    public void Printable_AnyText_HasNothingLeftThatSteersATerminal(string text, string expected) =>
        Assert.Equal(expected, TerminalChat.Printable(text));
}
