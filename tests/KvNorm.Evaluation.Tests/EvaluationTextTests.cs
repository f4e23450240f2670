namespace KvNorm.Evaluation.Tests;

public sealed class EvaluationTextTests
{
    [Fact]
    public void Load_File_FoldsWhiteSpaceAndSplitsSentences()
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("a.txt"), "One  thing.\n\nAnother\tone. A last");
        EvaluationText text = EvaluationText.Load(folder.File("a.txt"));
        Assert.Equal(("a.txt", "One thing. Another one. A last"), (text.Name, text.Content));
        Assert.Equal(["One thing.", "Another one.", "A last."], text.Sentences);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public void Load_NoText_SaysSo(string content)
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("a.txt"), content);
        ArgumentException e = Assert.Throws<ArgumentException>(() => EvaluationText.Load(folder.File("a.txt")));
        Assert.Contains("no text", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoSuchFile_Throws() => Assert.Throws<FileNotFoundException>(static () => EvaluationText.Load("no-such-text.txt"));

    [Fact]
    public void Load_NoPath_MakesTheSameSentencesUpEachTime()
    {
        Assert.Equal(EvaluationText.Load(null).Fingerprint, EvaluationText.Load(null).Fingerprint);
        Assert.True(EvaluationText.Load(null).Sentences.Distinct(StringComparer.Ordinal).Count() > 2000);
    }
}
