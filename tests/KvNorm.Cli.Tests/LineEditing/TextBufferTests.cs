using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KvNorm.Cli.LineEditing;

namespace KvNorm.Cli.Tests.LineEditing;

/// <summary>In the tables a bar is the cursor.</summary>
public sealed class TextBufferTests
{
    private const string Family = "👨‍👩‍👧", Flag = "🇩🇪", Accented = "e\u0301";

    [Theory]
    [InlineData("|", "|")]
    [InlineData("ab|", "a|")]
    [InlineData("a|b", "|b")]
    [InlineData("|ab", "|ab")]
    [InlineData("a😀|", "a|")]
    [InlineData($"a{Family}|b", "a|b")]
    [InlineData($"{Flag}{Flag}|", $"{Flag}|")]
    [InlineData($"caf{Accented}|", "caf|")]
    [InlineData("中文|", "中|")]
    [InlineData("a\n|b", "a|b")]
    public void DeleteBefore_AnyCharacter_GoesWhole(string before, string after) => Check(before, after, static b => b.DeleteBefore());

    [Theory]
    [InlineData("|ab", "|b")]
    [InlineData("ab|", "ab|")]
    [InlineData($"|{Family}b", "|b")]
    [InlineData($"a|{Accented}b", "a|b")]
    [InlineData("a|\nb", "a|b")]
    public void DeleteAfter_AnyCharacter_GoesWhole(string before, string after) => Check(before, after, static b => b.DeleteAfter());

    [Theory]
    [InlineData("one two|", "one |two")]
    [InlineData("one |two", "|one two")]
    [InlineData("one, (two)|", "one, (|two)")]
    [InlineData("one\ntwo|", "one\n|two")]
    [InlineData("snake_case|", "|snake_case")]
    [InlineData("das Öl|", "das |Öl")]
    [InlineData("|one", "|one")]
    public void WordLeft_AnyText_GoesToTheStartOfAWord(string before, string after) => Check(before, after, static b => b.WordLeft());

    [Theory]
    [InlineData("|one two", "one| two")]
    [InlineData("one| two", "one two|")]
    [InlineData("one|, (two)", "one, (two|)")]
    [InlineData("one|\ntwo", "one\ntwo|")]
    [InlineData("one|", "one|")]
    public void WordRight_AnyText_GoesToTheEndOfAWord(string before, string after) => Check(before, after, static b => b.WordRight());

    [Theory]
    [InlineData("one two|!", "one |!")]
    [InlineData("one two  |", "one |")]
    [InlineData("|one", "|one")]
    public void DeleteWordBefore_AnyText_TakesTheWordAndWhatFollowsIt(string before, string after) =>
        Check(before, after, static b => b.DeleteWordBefore());

    [Fact]
    public void DeleteWordAfter_Word_Goes() => Check("one| two!", "one|!", static b => b.DeleteWordAfter());

    [Theory]
    [InlineData("one\ntwo th|ree\nfour", "one\n|ree\nfour")]
    [InlineData("one\n|two", "one|two")]
    [InlineData("|one", "|one")]
    public void DeleteToLineStart_SeveralLines_StaysInTheLine(string before, string after) =>
        Check(before, after, static b => b.DeleteToLineStart());

    [Theory]
    [InlineData("one\ntw|o three\nfour", "one\ntw|\nfour")]
    [InlineData("one|\ntwo", "one|two")]
    [InlineData("one|", "one|")]
    public void DeleteToLineEnd_SeveralLines_StaysInTheLine(string before, string after) =>
        Check(before, after, static b => b.DeleteToLineEnd());

    [Theory]
    [InlineData("one\ntw|o", "one\n|two", "one\ntwo|")]
    [InlineData("one\n|", "one\n|", "one\n|")]
    [InlineData("\n|\n", "\n|\n", "\n|\n")]
    [InlineData("|\n", "|\n", "|\n")]
    [InlineData("o|ne\ntwo", "|one\ntwo", "one|\ntwo")]
    public void HomeAndEnd_SeveralLines_AreThoseOfTheLine(string before, string home, string end)
    {
        Check(before, home, static b => b.Home());
        Check(before, end, static b => b.End());
    }

    [Theory]
    [InlineData("one\ntw|o", "on|e\ntwo", true)]
    [InlineData("a\nbcd|", "a|\nbcd", true)]
    [InlineData("a😀b\nxyz|", "a😀b|\nxyz", true)]
    [InlineData("\n\n|", "\n|\n", true)]
    [InlineData("on|e\ntwo", "on|e\ntwo", false)]
    public void Up_SeveralLines_KeepsTheColumn(string before, string after, bool moved)
    {
        TextBuffer buffer = Buffer(before);
        Assert.Equal(moved, buffer.Up());
        Assert.Equal(after, Shown(buffer));
    }

    [Theory]
    [InlineData("on|e\ntwo", "one\ntw|o", true)]
    [InlineData("abc|\nd", "abc\nd|", true)]
    [InlineData("|\n\n", "\n|\n", true)]
    [InlineData("one\nt|wo", "one\nt|wo", false)]
    public void Down_SeveralLines_KeepsTheColumn(string before, string after, bool moved)
    {
        TextBuffer buffer = Buffer(before);
        Assert.Equal(moved, buffer.Down());
        Assert.Equal(after, Shown(buffer));
    }

    [Fact]
    public void Insert_PartsOfOneCharacter_AreOneCharacter()
    {
        TextBuffer buffer = Buffer("a|b");
        buffer.Insert("e");
        buffer.Insert("\u0301");
        buffer.DeleteBefore();
        Assert.Equal("a|b", Shown(buffer));
    }

    // Any keys on any text: the cursor never stands inside of a character, and left undoes right.
    [Property(MaxTest = 200)]
    public Property Moves_AnyText_StandBetweenCharacters() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>(),
        ArbMap.Default.ArbFor<byte[]>(),
        static (text, keys) =>
        {
            string lines = PastedText.Clean(text.Get);
            TextBuffer buffer = new();
            buffer.Set(lines);
            foreach (byte key in keys)
            {
                Moves[key % Moves.Length](buffer);
                Assert.Contains(buffer.Cursor, Boundaries(lines));
            }

            int at = buffer.Cursor;
            buffer.Left();
            if (at > 0)
                buffer.Right();
            Assert.Equal(at, buffer.Cursor);
        });

    private static readonly Action<TextBuffer>[] Moves =
    [
        static b => b.Left(), static b => b.Right(), static b => b.WordLeft(), static b => b.WordRight(), static b => b.Home(),
        static b => b.End(), static b => b.Up(), static b => b.Down(), static b => b.TextStart(), static b => b.TextEnd(),
    ];

    private static HashSet<int> Boundaries(string text) => [.. StringInfo.ParseCombiningCharacters(text), text.Length];

    private static void Check(string before, string after, Action<TextBuffer> edit)
    {
        TextBuffer buffer = Buffer(before);
        edit(buffer);
        Assert.Equal(after, Shown(buffer));
    }

    private static TextBuffer Buffer(string shown)
    {
        int cursor = shown.IndexOf('|', StringComparison.Ordinal);
        TextBuffer buffer = new();
        buffer.Set(shown[(cursor + 1)..]);
        buffer.TextStart();
        buffer.Insert(shown[..cursor]);
        return buffer;
    }

    private static string Shown(TextBuffer buffer) => buffer.Text.Insert(buffer.Cursor, "|");
}
