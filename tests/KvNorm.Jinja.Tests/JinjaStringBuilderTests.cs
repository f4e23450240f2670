namespace KvNorm.Jinja.Tests;

public sealed class JinjaStringBuilderTests
{
    [Fact]
    public void ToPieces_TextsOfOneAuthor_AreOnePiece()
    {
        JinjaStringBuilder builder = new(Runs.New());
        builder.Append("a", fromTemplate: true);
        builder.Append("", fromTemplate: false);
        builder.Append("b", fromTemplate: true);
        builder.Append("c", fromTemplate: false);
        builder.Append(JinjaString.Data("d"));
        Assert.Equal([new("ab", true), new("cd", false)], builder.ToPieces());
        Assert.Equal(4, builder.Length);
    }

    [Fact]
    public void ToPieces_Nothing_IsEmpty() => Assert.Empty(new JinjaStringBuilder(Runs.New()).ToPieces());

    [Fact]
    public void Append_PartOfAText_KeepsItsAuthors()
    {
        JinjaRun run = Runs.New();
        JinjaStringBuilder builder = new(run);
        builder.Append(JinjaString.Concat(run, JinjaString.Template("ab"), JinjaString.Data("cd")), 1, 3);
        Assert.Equal([new("b", true), new("c", false)], builder.ToPieces());
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(3, 3)]
    public void AppendRepeated_Count_IsThatOften(long count, int length)
    {
        JinjaStringBuilder builder = new(Runs.New());
        builder.AppendRepeated(JinjaString.Data("x"), count);
        Assert.Equal(length, builder.Length);
    }

    [Fact]
    public void AppendRepeated_BeyondTheLimit_IsRefusedBeforeItIsBuilt()
    {
        JinjaStringBuilder builder = new(Runs.New(new JinjaLimits { MaxTextLength = 10 }));
        Assert.Throws<JinjaException>(() => builder.AppendRepeated(JinjaString.Data("x"), 11));
        Assert.Equal(0, builder.Length);
    }
}
