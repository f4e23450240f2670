using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace KvNorm.Jinja.Tests;

public sealed class TextPartsTests
{
    private static readonly Gen<string> Text = Gen.Elements("a", "b", ",", " ", "\n", "😀").ListOf().Select(string.Concat);

    [Theory]
    [InlineData("a,b,,c", ",", -1, false, "a|b||c")]
    [InlineData("a,b,,c", ",", 1, false, "a|b,,c")]
    [InlineData("a,b,,c", ",", 1, true, "a,b,|c")]
    [InlineData("a,b,,c", ",", 0, true, "a,b,,c")]
    [InlineData("", ",", -1, false, "")]
    [InlineData("aXXXb", "XX", -1, false, "a|Xb")]
    [InlineData("aXXXb", "XX", -1, true, "aX|b")]
    [InlineData("  a b\tc ", null, -1, false, "a|b|c")]
    [InlineData("  a b\tc ", null, 1, false, "a|b\tc ")]
    [InlineData("  a b\tc ", null, 1, true, "  a b|c")]
    [InlineData("  a b ", null, 0, false, "a b ")]
    public void Split_Text_IsAsInPython(string text, string? separator, int limit, bool fromRight, string expected) =>
        Assert.Equal(
            expected,
            string.Join('|', TextParts.Split(Runs.New(), Data(text), separator is null ? null : Data(separator), limit, fromRight).Items));

    [Property]
    public Property Split_AnyText_IsJoinedAgain() => Prop.ForAll(Text.ToArbitrary(), text =>
    {
        JinjaRun run = Runs.New();
        return TextParts.Join(run, Data(","), TextParts.Split(run, Data(text), Data(","), -1, fromRight: false).Items).Text == text
            && TextParts.Join(run, Data(","), TextParts.Split(run, Data(text), Data(","), 1, fromRight: true).Items).Text == text;
    });

    [Property]
    public Property Lines_WithTheirEnds_GiveTheText() => Prop.ForAll(Text.ToArbitrary(), text =>
        string.Concat(TextParts.Lines(Runs.New(), Data(text), keepEnds: true).Items) == text);

    [Property]
    public Property Replace_All_IsAsDotNetReplaces() => Prop.ForAll(Text.ToArbitrary(), text =>
        TextParts.Replace(Runs.New(), Data(text), Data("a,"), Data("x"), -1).Text == text.Replace("a,", "x", StringComparison.Ordinal));

    [Theory]
    [InlineData("ab", "", "-", -1, "-a-b-")]
    [InlineData("😀", "", "-", -1, "-😀-")]
    [InlineData("ab", "", "-", 2, "-a-b")]
    [InlineData("aaa", "aa", "b", -1, "ba")]
    [InlineData("aaa", "a", "", 2, "a")]
    [InlineData("aaa", "a", "b", 0, "aaa")]
    [InlineData("", "", "-", -1, "-")]
    [InlineData("abc", "x", "y", -1, "abc")]
    public void Replace_Text_IsAsInPython(string text, string old, string replacement, int count, string expected) =>
        Assert.Equal(expected, TextParts.Replace(Runs.New(), Data(text), Data(old), Data(replacement), count).Text);

    [Theory]
    [InlineData(" \x1c a\u00A0", null, true, true, "a")]
    [InlineData("xay", "yx", true, false, "ay")]
    [InlineData("xay", "yx", false, true, "xa")]
    [InlineData("xx", "x", true, true, "")]
    [InlineData("😁a😁", "😀", true, true, "😁a😁")]
    [InlineData("😀a😀", "x😀", true, true, "a")]
    [InlineData(" a ", "", true, true, " a ")]
    public void Strip_Ends_AreTakenOff(string text, string? set, bool left, bool right, string expected) =>
        Assert.Equal(expected, TextParts.Strip(Runs.New(), Data(text), set is null ? null : Data(set), left, right).Text);

    // A list that is too long is not built before it is refused.
    [Theory]
    [InlineData("{{ s.split(',') }}")]
    [InlineData("{{ s.rsplit(',') }}")]
    [InlineData("{{ s.split() }}")]
    [InlineData("{{ s.rsplit() }}")]
    [InlineData("{{ s.splitlines() }}")]
    [InlineData("{{ s.splitlines(true) }}")]
    [InlineData("{{ s|wordcount }}")]
    public void Split_IntoMoreThanMayBe_IsRefusedAtTheFirstItemTooMany(string source)
    {
        string text = string.Concat(Enumerable.Repeat("x, \n", 500_000));
        JinjaTemplate template = JinjaTemplate.Parse(source, new JinjaLimits { MaxListLength = 10 });
        long before = GC.GetAllocatedBytesForCurrentThread();
        JinjaException error = Assert.Throws<JinjaException>(
            () => template.Render(new Dictionary<string, object?>(StringComparer.Ordinal) { ["s"] = text }));
        Assert.Contains("10 items", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static JinjaString Data(string text) => JinjaString.Data(text);
}
