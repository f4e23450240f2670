using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class StopScannerTests
{
    // Two letters make stop sequences that overlap, repeat and contain each other likely.
    private static readonly Gen<string> Text = Gen.Elements('a', 'b').ListOf().Select(letters => new string([.. letters]));

    private static readonly Gen<(List<string> Pieces, List<string> Stops)> Cases =
        from pieces in Text.ListOf()
        from stops in Text.Resize(4).Where(stop => stop.Length > 0).NonEmptyListOf().Resize(4)
        select (pieces.ToList(), stops.ToList());

    [Theory]
    [InlineData("one |END| two", "END", "one ")]
    [InlineData("one E|N|D two", "END", "one ")]
    [InlineData("E|N|D", "END", "")]
    [InlineData("EN|EN|D!", "END", "EN")]
    [InlineData("EEE|ND", "END", "EE")]
    [InlineData("aab|aaab", "aaab", "aab")]
    [InlineData("never EN|", "END", "never EN")]
    [InlineData("upper end", "END", "upper end")]
    [InlineData("a\n|\nb", "\n\n", "a")]
    public void Push_TextInPieces_ShowsWhatPrecedesTheStop(string pieces, string stop, string expected)
    {
        (string shown, bool stopped) = Scan(pieces.Split('|'), [stop]);
        Assert.Equal(expected, shown);
        Assert.Equal(expected.Length < pieces.Replace("|", "", StringComparison.Ordinal).Length, stopped);
    }

    [Fact]
    public void Push_StopCutInsideASurrogatePair_IsFound()
    {
        (string shown, bool stopped) = Scan(["smile \uD83D", "\uDE00 end"], ["\uD83D\uDE00"]);
        Assert.Equal("smile ", shown);
        Assert.True(stopped);
    }

    [Fact]
    public void Push_StopInsideALongerOne_EndsAtTheSamePlaceHoweverTheTextIsCut()
    {
        string[] stops = ["b", "abb"];
        Assert.Equal("a", Scan(["a", "b", "b"], stops).Shown);
        Assert.Equal("a", Scan(["abb"], stops).Shown);
    }

    [Fact]
    public void Push_BeginningOfAStop_IsHeldBackUntilItIsKnownToBeNone()
    {
        StopScanner scanner = new(["END"]);
        Assert.Equal("one ", scanner.Push("one E"));
        Assert.Equal("", scanner.Push("N"));
        Assert.Equal("ENT", scanner.Push("T"));
        Assert.False(scanner.Stopped);
    }

    [Fact]
    public void Push_AfterTheStop_ShowsNothing()
    {
        StopScanner scanner = new(["."]);
        Assert.Equal("a", scanner.Push("a.b"));
        Assert.Equal("", scanner.Push("c"));
        Assert.Equal("", scanner.Finish());
    }

    [Fact]
    public void Push_NoStops_ShowsEverythingAtOnce()
    {
        StopScanner scanner = new([]);
        Assert.Equal("anything", scanner.Push("anything"));
        Assert.Equal("", scanner.Finish());
    }

    [Fact]
    public void Push_EmptyStops_AreNone()
    {
        StopScanner scanner = new(["", null!]);
        Assert.Equal("anything", scanner.Push("anything"));
        Assert.False(scanner.Stopped);
    }

    [Fact]
    public void Finish_HeldText_IsShownOnce()
    {
        StopScanner scanner = new(["END"]);
        Assert.Equal("", scanner.Push("EN"));
        Assert.Equal("EN", scanner.Finish());
        Assert.Equal("", scanner.Finish());
    }

    [Property(MaxTest = 500)]
    public Property Push_AnyCutting_ShowsTheTextUpToTheFirstStop() => Prop.ForAll(Cases.ToArbitrary(), given =>
    {
        string text = string.Concat(given.Pieces);
        int end = FirstStop(text, given.Stops);
        (string shown, bool stopped) = Scan(given.Pieces, given.Stops);
        return (shown == (end < 0 ? text : text[..end])).Label($"shown '{shown}', first stop at {end}")
            .And(stopped == end >= 0);
    });

    [Property(MaxTest = 500)]
    public Property Push_AnyCutting_NeverShowsAStop() => Prop.ForAll(Cases.ToArbitrary(), given =>
    {
        (string shown, _) = Scan(given.Pieces, given.Stops);
        return given.Stops.TrueForAll(stop => !shown.Contains(stop, StringComparison.Ordinal));
    });

    // The first stop is the one complete first when the text is read letter by letter, the longest of those that end together:
    // a stream cannot wait for a longer one that may never come.
    private static int FirstStop(string text, List<string> stops)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            int[] starts = [.. stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).Select(stop => end - stop.Length)];
            if (starts.Length > 0)
                return starts.Min();
        }

        return -1;
    }

    private static (string Shown, bool Stopped) Scan(IEnumerable<string> pieces, IEnumerable<string> stops)
    {
        StopScanner scanner = new(stops);
        string shown = string.Concat(pieces.Select(scanner.Push).ToList());
        return (shown + scanner.Finish(), scanner.Stopped);
    }
}
