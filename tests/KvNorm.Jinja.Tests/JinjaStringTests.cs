using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace KvNorm.Jinja.Tests;

public sealed class JinjaStringTests
{
    private static readonly Gen<JinjaText> Piece =
        from text in Gen.Elements("", "a", "bc", "😀", "\n", new string('x', 600))
        from fromTemplate in Gen.Elements(true, false)
        select new JinjaText(text, fromTemplate);

    [Property]
    public Property Concat_Pieces_KeepsTheAuthorOfEveryCharacter() => Prop.ForAll(Piece.ListOf().ToArbitrary(), pieces =>
        Authors(Joined(pieces)).SequenceEqual(pieces.SelectMany(piece => piece.Text.Select(c => (c, piece.FromTemplate)))));

    [Property]
    public Property Slice_Anywhere_KeepsTheAuthorOfEveryCharacter()
    {
        Gen<(List<JinjaText>, int, int)> cases =
            from pieces in Piece.ListOf()
            let length = pieces.Sum(piece => piece.Text.Length)
            from start in Gen.Choose(0, length)
            from end in Gen.Choose(start, length)
            select (pieces.ToList(), start, end);
        return Prop.ForAll(cases.ToArbitrary(), item =>
        {
            (List<JinjaText> pieces, int start, int end) = item;
            JinjaString whole = Joined(pieces);
            return Authors(whole.Slice(Runs.New(), start, end)).SequenceEqual(Authors(whole).Take(start..end));
        });
    }

    [Fact]
    public void Parts_Range_AreOfEqualProvenance()
    {
        JinjaString text = Joined([new("ab", true), new("cd", false), new("ef", true)]);
        Assert.Equal([(1, 2, true), (2, 4, false), (4, 5, true)], text.Parts(1, 5));
        Assert.Equal([(2, 4, false)], text.Parts(2, 4));
        Assert.Empty(text.Parts(3, 3));
    }

    [Fact]
    public void Mapped_SameLength_KeepsAuthors() =>
        Assert.Equal([(0, 1, true), (1, 2, false)], Joined([new("a", true), new("b", false)]).Mapped("AB").Parts(0, 2));

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Mapped_AnotherLength_IsDataIfAnyOfItWas(bool fromTemplate, bool expected) =>
        Assert.Equal([(0, 3, expected)], Joined([new("a", true), new("b", fromTemplate)]).Mapped("ABC").Parts(0, 3));

    [Fact]
    public void Equals_SameText_WhoeverWroteIt()
    {
        Assert.Equal(JinjaString.Template("a"), JinjaString.Data("a"));
        Assert.Equal(JinjaString.Template("a").GetHashCode(), JinjaString.Data("a").GetHashCode());
        Assert.NotEqual(JinjaString.Template("a"), JinjaString.Template("b"));
    }

    [Fact]
    public void HasData_Text_IsOfAnyCharacter()
    {
        Assert.False(JinjaString.Template("a").HasData);
        Assert.False(JinjaString.Data("").HasData);
        Assert.True(Joined([new("a", true), new("b", false)]).HasData);
    }

    [Fact]
    public void Concat_BeyondTheLimit_IsRefusedAtOnce()
    {
        JinjaRun run = Runs.New(new JinjaLimits { MaxTextLength = 3 });
        Assert.Throws<JinjaException>(() => JinjaString.Concat(run, JinjaString.Data("ab"), JinjaString.Data("cd")));
    }

    private static JinjaString Joined(IEnumerable<JinjaText> pieces)
    {
        JinjaRun run = Runs.New();
        return pieces.Select(piece => new JinjaString(piece.Text, piece.FromTemplate, []))
            .Aggregate(JinjaString.Empty, (whole, part) => JinjaString.Concat(run, whole, part));
    }

    private static List<(char, bool)> Authors(JinjaString text) =>
        [.. text.Parts(0, text.Length).SelectMany(part => text.Text[part.Start..part.End].Select(c => (c, part.FromTemplate)))];
}
