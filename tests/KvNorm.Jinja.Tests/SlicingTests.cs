using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace KvNorm.Jinja.Tests;

public sealed class SlicingTests
{
    [Theory]
    [InlineData("[1:3]", "bc")]
    [InlineData("[:-1]", "abcd")]
    [InlineData("[-2:]", "de")]
    [InlineData("[::-1]", "edcba")]
    [InlineData("[::2]", "ace")]
    [InlineData("[3:0:-2]", "db")]
    [InlineData("[9:]", "")]
    [InlineData("[-9:2]", "ab")]
    [InlineData("[2:1]", "")]
    [InlineData("[:]", "abcde")]
    [InlineData("[-1:-9:-1]", "edcba")]
    [InlineData("[0]", "a")]
    [InlineData("[-5]", "a")]
    [InlineData("[5] is defined", "false")]
    [InlineData("[-6] is defined", "false")]
    [InlineData("[::9223372036854775807]", "a")]
    [InlineData("[-9223372036854775807:9223372036854775807]", "abcde")]
    public void Range_TextOrList_IsAsInPython(string slice, string expected)
    {
        Assert.Equal(expected, Rendering.Text($"{{{{ 'abcde'{slice} }}}}"));
        string joined = slice.Contains(':', StringComparison.Ordinal) ? "|join" : "";
        Assert.Equal(expected, Rendering.Text($"{{{{ ['a', 'b', 'c', 'd', 'e']{slice}{joined} }}}}"));
    }

    [Theory]
    [InlineData("'a😀b'[1]", "😀")]
    [InlineData("'a😀b'[-1]", "b")]
    [InlineData("'a😀b'[::-1]", "b😀a")]
    [InlineData("'a😀b'[2:]", "b")]
    [InlineData("'a😀b'[-2:-1]", "😀")]
    [InlineData("'a😀b'[1:9]", "😀b")]
    [InlineData("'a😀b'[3] is defined", "false")]
    public void Item_BesideAPair_CountsCharacters(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Fact]
    public void Range_Tuple_StaysOne() => Assert.Equal(true, Runs.Value("(1, 2, 3)[1:] == (2, 3)"));

    [Theory]
    [InlineData("'a'[::0]", "the step of a slice is 0")]
    [InlineData("none[1:]", "none cannot be sliced")]
    public void Range_WhatCannotBe_IsAnError(string expression, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try($"{{{{ {expression} }}}}").Error?.Message);

    // Python's definition: the indices from the start on, step by step, as long as they lie before the stop.
    [Property]
    public Property Range_AnyBounds_PicksWhatPythonPicks()
    {
        Gen<(int, int, int, int)> cases =
            from length in Gen.Choose(0, 6)
            from start in Gen.Choose(-8, 8)
            from stop in Gen.Choose(-8, 8)
            from step in Gen.Elements(-3, -2, -1, 1, 2, 3)
            select (length, start, stop, step);
        return Prop.ForAll(cases.ToArbitrary(), item =>
        {
            (int length, int start, int stop, int step) = item;
            JinjaList list = new([.. Enumerable.Range(0, length).Select(i => (object?)(long)i)]);
            List<object?> expected = [];
            for (int i = Bound(start); step > 0 ? i < Bound(stop) : i > Bound(stop); i += step)
                expected.Add((long)i);
            return ((JinjaList)Slicing.Range(Runs.New(), list, start, stop, step)!).Items.SequenceEqual(expected);

            int Bound(int index) => Math.Clamp(index < 0 ? index + length : index, step > 0 ? 0 : -1, step > 0 ? length : length - 1);
        });
    }
}
