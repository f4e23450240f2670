using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests;

public sealed class AttachedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<byte[], string> NoTexts => new()
    {
        { [0x89, 0x50, 0x4E, 0x47, 0, 0], "no text" },
        { [0x63, 0x61, 0x66, 0xE9], "UTF-8" }, // Latin-1
    };

    [Fact]
    public void Read_Text_IsTextAndName() =>
        Assert.Equal(
            new AttachedFile("notes.txt", "Grüße\r\n"),
            AttachedFile.Read(_folder.Write("notes.txt", "\uFEFFGrüße\r\n"u8.ToArray())));

    [Theory]
    [MemberData(nameof(NoTexts))]
    public void Read_NoText_IsRefusedByName(byte[] content, string said) => CheckRefused(content, said);

    [Fact]
    public void Read_TooLong_IsRefusedByName() => CheckRefused(new byte[(16 << 20) + 1], "16 MiB");

    private void CheckRefused(byte[] content, string said)
    {
        string path = _folder.Write("file", content);
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => AttachedFile.Read(path));
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FolderOrNothing_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => AttachedFile.Read(_folder.Path));
        Assert.Throws<FileNotFoundException>(() => AttachedFile.Read(Path.Combine(_folder.Path, "none")));
    }

    [Theory]
    [InlineData("one\ntwo\n", "a.txt:\n```\none\ntwo\n```\n\nWhat is it?")]
    [InlineData("```\ncode\n```", "a.txt:\n````\n```\ncode\n```\n````\n\nWhat is it?")]
    [InlineData("", "a.txt:\n```\n\n```\n\nWhat is it?")]
    public void Join_File_StandsBetweenMarksThatAreNotInIt(string text, string expected) =>
        Assert.Equal(expected, AttachedFile.Join([new AttachedFile("a.txt", text)], "What is it?"));

    [Fact]
    public void Join_NoFile_IsTheMessage() => Assert.Equal("hello", AttachedFile.Join([], "hello"));

    public void Dispose() => _folder.Dispose();
}
