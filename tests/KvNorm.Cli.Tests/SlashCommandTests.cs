using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests;

public sealed class SlashCommandTests
{
    [Theory]
    [InlineData("/help", "/help", "")]
    [InlineData("/set temperature  0.5 ", "/set", "temperature  0.5")]
    [InlineData("/system Be\nbrief.", "/system", "Be\nbrief.")]
    [InlineData("/", "/", "")]
    public void Split_Command_IsNameAndRest(string entered, string name, string argument) =>
        Assert.Equal((name, argument), SlashCommand.Split(entered));

    [Theory]
    [InlineData("hello")]
    [InlineData(" /help")]
    [InlineData("/etc/passwd holds what?")]
    [InlineData("//")]
    [InlineData("/* adds */ int Add(int a, int b) => a + b;")]
    [InlineData("/3 of it?")]
    [InlineData("\"\"\"/help\"\"\"")]
    [InlineData("")]
    public void Split_Message_IsNone(string entered) => Assert.Null(SlashCommand.Split(entered));

    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("'with space.txt'", "with space.txt")]
    [InlineData("\"q\"", "q")]
    [InlineData("'", "'")]
    [InlineData("'half", "'half")]
    public void Unquote_Path_IsWithoutMarks(string written, string path) => Assert.Equal(path, UserFolders.Unquote(written));

    [Fact]
    public void RequireReplaceable_AnotherKindOfFile_IsRefused()
    {
        using TemporaryFolder folder = new();
        SavedConversation.RequireReplaceable(Path.Combine(folder.Path, "none"));
        SavedConversation.RequireReplaceable(folder.Write("empty", []));
        SavedConversation.RequireReplaceable(folder.Write("saved", "KVNORMCV and more"u8.ToArray()));
        string text = folder.Write("text", "KVNORM"u8.ToArray());
        Assert.Contains(text, Assert.Throws<IOException>(() => SavedConversation.RequireReplaceable(text)).Message, StringComparison.Ordinal);
    }
}
