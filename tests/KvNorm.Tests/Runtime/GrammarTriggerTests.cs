using System.Text;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;
using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class GrammarTriggerTests
{
    private static readonly string[] Marks = ["<a>", "a>b", "<<", "é"];

    [Theory]
    [InlineData("<tool>", "x|<tool>", "<tool>")]
    [InlineData("<tool>", "x<to|ol>{", "<tool>{")]
    [InlineData("<tool>", "<|t|o|o|l|>", "<tool>")]
    [InlineData("<tool>", "<tool|x<tool>", "<tool>")]
    [InlineData("<tool>", "<tool", null)]
    [InlineData("<tool>", "<tool|x>", null)]
    [InlineData("<tool> <t", "a <tool>", "<tool>")]
    [InlineData("bc abcd", "xabcd", "abcd")] // the leftmost
    [InlineData("x", "a|b|x", "x")]
    public void Complete_Pieces_AreTheTextFromTheMarkOn(string marks, string pieces, string? expected)
    {
        byte[]? found = Run(marks.Split(' '), [.. pieces.Split('|').Select(Encoding.UTF8.GetBytes)], out _);
        Assert.Equal(expected, found is null ? null : Encoding.UTF8.GetString(found));
    }

    [Theory]
    [InlineData(false, "<think>no <call> yet</think><call>{", "<call>{")]
    [InlineData(true, "no <call>|<call> yet</think>ab<call>", "<call>")]
    [InlineData(true, "a<end>|<call>", "<call>")] // any of its ends
    [InlineData(false, "</think><call>", "<call>")]
    [InlineData(false, "<thi|nk><call></th|ink>a<think>b<call>", null)]
    [InlineData(false, "<call><think>", "<call><think>")]
    [InlineData(true, "<call>", null)]
    [InlineData(true, "</think|><call|>", "<call>")]
    public void Complete_MarkInAPause_IsText(bool isOpen, string pieces, string? expected)
    {
        TriggerPause pause = new("<think>", ["</think>", "<end>"], isOpen);
        foreach (IEnumerable<string> cut in new[] { pieces.Split('|'), pieces.Replace("|", "", StringComparison.Ordinal).Select(c => $"{c}") })
        {
            byte[]? found = Run(["<call>"], cut.Select(Encoding.UTF8.GetBytes), out _, pause);
            string? text = found is null ? null : Encoding.UTF8.GetString(found);
            Assert.StartsWith(text ?? "", expected ?? "", StringComparison.Ordinal); // letter by letter, no more than the mark is known
            Assert.Equal(expected is null, text is null);
        }
    }

    [Fact]
    public void Complete_PieceThatIsNotPushed_ChangesNothing()
    {
        GrammarTrigger trigger = new(["<a>"]);
        Assert.Null(trigger.Complete("<"u8));
        Assert.Null(trigger.Complete("a>"u8));
        trigger.Push("<"u8);
        Assert.NotNull(trigger.Complete("a>"u8));
        Assert.NotNull(trigger.Complete("a>"u8));
        Assert.Null(trigger.Complete("b>"u8));
    }

    [Property(MaxTest = 300)]
    public void Complete_BytesInPieces_FindTheFirstMark(byte[] letters, DoNotSize<int> seed)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(letters.Select(static letter => "<a>bé"[letter % 5])));
        List<byte[]> pieces = [];
        Random random = new(seed.Item);
        for (int at = 0; at < text.Length; at += pieces[^1].Length)
            pieces.Add(text[at..Math.Min(text.Length, at + random.Next(1, 5))]);

        byte[]? found = Run(Marks, pieces, out int length);

        // Of the text up to the piece that completes a mark, what begins at the leftmost mark.
        int[] ends = [.. pieces.Select((_, index) => pieces.Take(index + 1).Sum(static piece => piece.Length))];
        int end = ends.FirstOrDefault(end => Leftmost(text[..end]) >= 0);
        Assert.Equal(end == 0 ? null : text[Leftmost(text[..end])..end], found);
        Assert.Equal(end == 0 ? text.Length : end, length);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void Create_EmptyMark_IsRefused(string? mark) => Assert.Throws<ArgumentException>(() => new GrammarTrigger(["<a>", mark!]));

    private static int Leftmost(byte[] text)
    {
        int[] found = [.. Marks.Select(mark => text.AsSpan().IndexOf(Encoding.UTF8.GetBytes(mark))).Where(static at => at >= 0)];
        return found.Length > 0 ? found.Min() : -1;
    }

    private static byte[]? Run(string[] marks, IEnumerable<byte[]> pieces, out int length, TriggerPause? pause = null)
    {
        GrammarTrigger trigger = new(marks, pause);
        length = 0;
        foreach (byte[] piece in pieces)
        {
            length += piece.Length;
            if (trigger.Complete(piece) is { } found)
                return found;
            trigger.Push(piece);
        }

        return null;
    }
}
