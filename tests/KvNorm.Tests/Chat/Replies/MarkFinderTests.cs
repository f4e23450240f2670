using FsCheck.Xunit;
using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class MarkFinderTests
{
    private static readonly string[] Overlapping = ["ab", "aab", "ba", "bb<", "<"];

    [Theory]
    [InlineData("x", "no mark here", null, -1)]
    [InlineData("<a>", "1<a>2<a>", "<a>", 1)]
    [InlineData("<a> <b>", "1<b>2<a>", "<b>", 1)]
    [InlineData("abcd bc", "abcd", "bc", 1)] // complete before the one that began first
    [InlineData("bc abc c", "xabc", "abc", 1)] // of those that end together the longest
    [InlineData("<a", "<A<", null, -1)]
    [InlineData("<a>", "<a", null, -1)]
    public void First_SeveralMarks_IsTheOneCompleteFirst(string marks, string text, string? mark, int at) =>
        Assert.Equal(mark is null ? null : (mark, at), new MarkFinder(marks.Split(' ')).First(text));

    [Theory]
    [InlineData("<tool>", "a <to", 3)]
    [InlineData("<tool>", "a <tool", 5)]
    [InlineData("<tool>", "a <tox", 0)]
    [InlineData("<tool>", "", 0)]
    [InlineData("<tool> ool!", "<tool", 5)]
    [InlineData("aab", "xaaa", 2)]
    [InlineData("x", "x", 0)] // a mark of one letter has no beginning
    public void HeldLength_EndOfTheText_IsTheLongestBeginningOfAMark(string marks, string text, int expected) =>
        Assert.Equal(expected, new MarkFinder(marks.Split(' ')).HeldLength(text));

    [Theory]
    [InlineData("<a> <ab>", "<a>b", true)]
    [InlineData("<a> <ab>", "<a", null)]
    [InlineData("<a> <ab>", "", null)]
    [InlineData("<a> <ab>", "<b", false)]
    [InlineData("<a> <a>b", "<a>", true)] // complete, though a longer one may come
    [InlineData("<a>", " <a>", false)]
    public void Begins_Text_IsAMarkOrNoneOrUndecided(string marks, string text, bool? expected) =>
        Assert.Equal(expected, new MarkFinder(marks.Split(' ')).Begins(text));

    [Fact]
    public void IsEmpty_NoMarks_FindsNothing()
    {
        MarkFinder finder = new([]);
        Assert.True(finder.IsEmpty);
        Assert.Null(finder.First("text"));
        Assert.Equal(0, finder.HeldLength("text"));
        Assert.False(finder.Begins("text"));
        Assert.False(finder.Begins(""));
        Assert.False(new MarkFinder(["<"]).IsEmpty);
    }

    // Held back is only what a mark may begin with: so a mark is found at the same place however the text is cut.
    [Property(MaxTest = 300)]
    public void First_TextInPieces_IsTheSameMark(byte[] letters, byte[] cuts)
    {
        string text = string.Concat(letters.Select(static letter => "ab<"[letter % 3]));
        MarkFinder finder = new(Overlapping);
        (string Mark, int At)? found = null;
        (string pending, int dropped, int at, int cut) = ("", 0, 0, 0);
        while (found is null && at < text.Length)
        {
            int end = Math.Min(text.Length, at + 1 + (cuts.Length > 0 ? cuts[cut++ % cuts.Length] % 4 : 0));
            pending += text[at..end];
            at = end;
            found = finder.First(pending);
            if (found is { } first)
                found = (first.Mark, first.At + dropped);
            int held = finder.HeldLength(pending);
            dropped += pending.Length - held;
            pending = pending[^held..];
        }

        Assert.Equal(EarliestEnd(text), found);
    }

    // What the first prefix of the text that ends with a mark ends with.
    private static (string Mark, int At)? EarliestEnd(string text)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            string[] complete = [.. Overlapping.Where(mark => text[..end].EndsWith(mark, StringComparison.Ordinal))];
            if (complete.Length > 0)
                return (complete.MaxBy(static mark => mark.Length)!, end - complete.Max(static mark => mark.Length));
        }

        return null;
    }
}
