namespace KvNorm.Jinja.Tests;

public sealed class TextFormatsTests
{
    [Theory]
    [InlineData("'%s|%4s|%-4s|' % ('a', 'b', 'c')", "a|   b|c   |")]
    [InlineData("'%d|%i|%4d|%-4d|%04d|%+d' % (1, 2, 3, 4, 5, 6)", "1|2|   3|4   |0005|+6")]
    [InlineData("'%d' % 1.9 ~ '%d' % -1.9 ~ '%d' % true", "1-11")]
    [InlineData("'%d|%i' % (9007199254740993, -9223372036854775807)", "9007199254740993|-9223372036854775807")]
    [InlineData("'%020d' % 9007199254740993", "00009007199254740993")]
    [InlineData("'%f|%.2f|%08.3f' % (1.5, 2.345, 3.14159)", "1.500000|2.35|0003.142")]
    [InlineData("'%x|%x' % (255, -255)", "ff|-ff")]
    [InlineData("'%.2s' % 'abc'", "ab")]
    [InlineData("'100%%'|format", "100%")]
    [InlineData("'%s' % none", "None")]
    public void Percent_Format_IsAsInPython(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("'{} {}'.format(1, 'a')", "1 a")]
    [InlineData("'{1} {0}'.format(1, 2)", "2 1")]
    [InlineData("'{x}{y}'.format(y=1, x=2)", "21")]
    [InlineData("'{{{}}}'.format(1)", "{1}")]
    [InlineData("'{:5}|{:5}|'.format('a', 1)", "a    |    1|")]
    [InlineData("'{:>3}|{:<3}|{:^3}|{:*^5}'.format('a', 'b', 'c', 'd')", "  a|b  | c |**d**")]
    [InlineData("'{:05d}|{:+d}|{:,}'.format(-42, 7, 1234567)", "-0042|+7|1,234,567")]
    [InlineData("'{:.2f}|{:,.1f}|{:.0%}'.format(3.14159, 12345.67, 0.25)", "3.14|12,345.7|25%")]
    [InlineData("'{:,}|{:d}'.format(9007199254740993, 9007199254740993)", "9,007,199,254,740,993|9007199254740993")]
    [InlineData("'{:,}|{:,}|{:,}'.format(-1234567.5, -0.5, 1e16)", "-1,234,567.5|-0.5|1e+16")]
    [InlineData("'{:,}|{:,}'.format(123.0, -123456.0)", "123.0|-123,456.0")]
    [InlineData("'{:.2}'.format('abc')", "ab")]
    [InlineData("'{:.2}'.format('a😀b')", "a😀")]
    [InlineData("'{:x}'.format(255)", "ff")]
    [InlineData("'{0:>4}'.format(1.5)", " 1.5")]
    public void Braces_Format_IsAsInPython(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("'%s %s' % 'a'", "a format has more places than values")]
    [InlineData("'%' % 1", "a format ends in '%'")]
    [InlineData("'%d' % 'a'", "the format 'd' is not supported for text")]
    [InlineData("'%99999d' % 1", "the format '>99999d' is too wide")]
    [InlineData("'{}'.format()", "a format has no value for '{}'")]
    [InlineData("'{1}'.format(0)", "a format has no value for '{1}'")]
    [InlineData("'{x}'.format(0)", "a format has no value for '{x}'")]
    [InlineData("'{'.format(0)", "a format has a single brace")]
    [InlineData("'}'.format(0)", "a format has a single brace")]
    [InlineData("'{:q}'.format(0)", "the format 'q' is not supported for an integer")]
    [InlineData("'{:99999}'.format(0)", "the format '99999' is too wide")]
    public void Format_WithoutItsValue_IsAnError(string expression, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try($"{{{{ {expression} }}}}").Error?.Message);

    [Theory]
    [InlineData('<', "ab--")]
    [InlineData('>', "--ab")]
    [InlineData('^', "-ab-")]
    [InlineData('=', "--ab")]
    public void Padded_Text_IsFilledOnItsSide(char align, string expected) =>
        Assert.Equal(expected, TextFormats.Padded(Runs.New(), JinjaString.Data("ab"), 4, align, JinjaString.Template("-")).Text);

    [Fact]
    public void Padded_WideEnoughText_IsTheSame() =>
        Assert.Equal("a😀", TextFormats.Padded(Runs.New(), JinjaString.Data("a😀"), 2, '<', null).Text);
}
