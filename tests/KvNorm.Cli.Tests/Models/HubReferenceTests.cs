using FsCheck.Xunit;
using KvNorm.Cli.Models;

namespace KvNorm.Cli.Tests.Models;

public sealed class HubReferenceTests
{
    [Theory]
    [InlineData("owner/repo", null)]
    [InlineData("owner/repo-GGUF:model-Q4_K_M.gguf", "model-Q4_K_M.gguf")]
    [InlineData("owner/repo:Q8/model (v1.5).gguf", "Q8/model (v1.5).gguf")]
    public void Parse_Reference_HasItsParts(string text, string? file) =>
        Assert.Equal(("owner", file), (HubReference.Parse(text).Owner, HubReference.Parse(text).File));

    [Theory]
    [InlineData("")]
    [InlineData("repo")]
    [InlineData("a/b/c")]
    [InlineData("https://huggingface.co/a/b")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("a/.")]
    [InlineData("/b")]
    [InlineData("a/b:")]
    [InlineData("a/b:../model.gguf")]
    [InlineData("a/b:x/../../model.gguf")]
    [InlineData("a/b:/etc/model.gguf")]
    [InlineData("a/b:C:\\model.gguf")]
    [InlineData("a/b:x\\..\\model.gguf")]
    [InlineData("a/b:x//model.gguf")]
    [InlineData("a/b:.hidden.gguf")]
    [InlineData("a/b:model\u001B[2J.gguf")]
    [InlineData("a/b:model\u202Efugg.gguf")]
    [InlineData("a/b:model?x=.gguf")]
    [InlineData("a/b:model%2F..gguf")]
    [InlineData("a/b:model.bin")]
    public void Parse_NameThatCannotBe_IsRefused(string text) =>
        Assert.Throws<ArgumentException>(() => HubReference.Parse(text));

    [Property]
    public bool IsFile_AnyPath_StaysInItsFolder(string[] parts)
    {
        string path = $"{string.Join('/', parts)}.gguf";
        string folder = Path.GetFullPath("folder") + Path.DirectorySeparatorChar;
        return !HubReference.IsFile(path)
            || (Path.GetFullPath(Path.Combine(folder, path)).StartsWith(folder, StringComparison.Ordinal) && !path.Any(char.IsControl));
    }
}
