using KvNorm.Cli.LineEditing;

namespace KvNorm.Cli.Tests.LineEditing;

public sealed class EditingAreaTests
{
    [Fact]
    public void Draw_TextOfTwoRows_PutsTheCursorWhereItStands()
    {
        using StringWriter output = new();
        EditingArea area = new(output, "> ", colour: "");
        area.Draw("one\ntwo", 1, width: 20, height: 10);
        Assert.Equal("\r\u001B[J> one\r\n  two\r\u001B[1A\u001B[3C", output.ToString());
        output.GetStringBuilder().Clear();
        area.Draw("one\ntwo", 7, width: 20, height: 10);
        Assert.Equal("\r\u001B[J> one\r\n  two\r\u001B[5C", output.ToString());
        output.GetStringBuilder().Clear();
        area.Draw("", 0, width: 20, height: 10); // goes up to where it began
        Assert.Equal("\r\u001B[1A\u001B[J> \r\u001B[2C", output.ToString());
    }

    [Fact]
    public void Draw_MoreRowsThanTheTerminalHas_DrawsThoseUpToTheCursor()
    {
        using StringWriter output = new();
        EditingArea area = new(output, "> ", colour: "");
        string text = string.Join('\n', Enumerable.Range(1, 50));
        area.Draw(text, text.Length, width: 20, height: 4);
        Assert.Equal("\r\u001B[J  48\r\n  49\r\n  50\r\u001B[4C", output.ToString());
    }

    [Fact]
    public void Draw_NoColour_WritesNone()
    {
        using StringWriter output = new();
        new EditingArea(output, "> ", colour: "").Draw("a", 1, width: 20, height: 4);
        Assert.DoesNotContain("m", output.ToString(), StringComparison.Ordinal);
    }
}
