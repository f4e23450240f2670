namespace KvNorm.Jinja.Tests;

public sealed class StrftimeTests
{
    private static readonly DateTimeOffset Moment = new(2026, 3, 5, 7, 8, 9, 123, TimeSpan.FromHours(-3.5));

    [Theory]
    [InlineData("%Y %y", "2026 26")]
    [InlineData("%m %-m %d %-d %e", "03 3 05 5  5")]
    [InlineData("%B %b %h", "March Mar Mar")]
    [InlineData("%A %a", "Thursday Thu")]
    [InlineData("%H %-H %I %-I %p", "07 7 07 7 AM")]
    [InlineData("%M %-M %S %-S %f", "08 8 09 9 123000")]
    [InlineData("%F %T %D", "2026-03-05 07:08:09 03/05/26")]
    [InlineData("%j %-j %z", "064 64 -0330")]
    [InlineData("100%% of %d.", "100% of 05.")]
    [InlineData("no code", "no code")]
    [InlineData("at the end %", "at the end %")]
    [InlineData("", "")]
    public void Format_Code_IsAsInC(string format, string expected) => Assert.Equal(expected, Formatted(Moment, format));

    [Theory]
    [InlineData(0, "12 12 AM")]
    [InlineData(12, "12 12 PM")]
    [InlineData(13, "01 1 PM")]
    public void Format_HourOfTwelve_HasNoZero(int hour, string expected) =>
        Assert.Equal(expected, Formatted(new DateTimeOffset(2026, 1, 1, hour, 0, 0, TimeSpan.Zero), "%I %-I %p"));

    [Fact]
    public void Format_Midnight_KeepsOneZero() =>
        Assert.Equal("0", Formatted(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "%-H"));

    [Theory]
    [InlineData("%Q", 'Q')]
    [InlineData("%-Q", 'Q')]
    public void Format_UnknownCode_IsAnError(string format, char code) =>
        Assert.Equal(
            $"line 1: the code '%{code}' of strftime_now is not supported",
            Assert.Throws<JinjaException>(() => Formatted(Moment, format)).Message);

    private static string Formatted(DateTimeOffset date, string format) =>
        Strftime.Format(Runs.New(), date, JinjaString.Template(format)).Text;
}
