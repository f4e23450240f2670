using System.Globalization;
using System.Net;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class StringFormatsTests
{
    private static readonly string Date = Grammar("date"), Time = Grammar("time"), Moment = Grammar("date-time");
    private static readonly string Uuid = Grammar("uuid"), Address = Grammar("ipv4");

    [Property(MaxTest = 200)]
    public void Date_AnyDigits_AreADayOfTheCalendar(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        int year = random.Next(3) == 0 ? random.Next(101) * 100 : random.Next(10_000);
        (int month, int day) = (random.Next(14), random.Next(random.Next(2) == 0 ? 0 : 27, 34));
        string text = string.Create(CultureInfo.InvariantCulture, $"{year % 10_000:D4}-{month:D2}-{day:D2}");
        bool expected = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        Assert.True(expected == GrammarMatcher.Accepts(Date, text), text);
    }

    [Theory]
    [InlineData(1900, false)]
    [InlineData(2000, true)]
    [InlineData(2023, false)]
    [InlineData(2024, true)]
    [InlineData(2100, false)]
    [InlineData(4, true)]
    public void Date_TwentyNinthOfFebruary_IsInLeapYears(int year, bool expected) =>
        Assert.Equal(expected, GrammarMatcher.Accepts(Date, string.Create(CultureInfo.InvariantCulture, $"{year:D4}-02-29")));

    [Theory]
    [InlineData("00:00:00", true)]
    [InlineData("23:59:59", true)]
    [InlineData("24:00:00", false)]
    [InlineData("12:60:00", false)]
    [InlineData("12:00:61", false)]
    [InlineData("1:00:00", false)]
    [InlineData("12:00", false)]
    [InlineData("12:00:00.5", true)]
    [InlineData("12:00:00.", false)]
    [InlineData("12:00:00Z", true)]
    [InlineData("12:00:00-05:30", true)]
    [InlineData("12:00:00+0530", false)]
    [InlineData("12:00:00+14:00", true)]
    [InlineData("12:00:00+13:60", false)]
    public void Time_Text_IsOfADay(string text, bool expected)
    {
        Assert.Equal(expected, GrammarMatcher.Accepts(Time, text));
        bool hasOffset = text.IndexOfAny(['Z', '+', '-']) >= 0;
        Assert.Equal(expected && hasOffset, GrammarMatcher.Accepts(Moment, "2024-02-29T" + text));
    }

    [Property(MaxTest = 50)]
    public void Moment_AnyMoment_IsLetThrough(DateTimeOffset moment, DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        DateTimeOffset local = moment.ToOffset(TimeSpan.FromMinutes(random.Next(-840, 841))).AddTicks(random.Next());
        string text = local.ToString("O", CultureInfo.InvariantCulture);
        Assert.True(GrammarMatcher.Accepts(Moment, text), text);
        Assert.True(GrammarMatcher.Accepts(Moment, local.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)), text);
    }

    [Property(MaxTest = 30)]
    public void Moment_TextDrawnFromIt_IsAMoment(DoNotSize<int> seed)
    {
        string text = GrammarMatcher.Draw(Moment, new Random(seed.Item))!;
        bool isAtAnEnd = text[..10] is "0001-01-01" or "9999-12-31"; // the offset may lead out of .NET's years
        Assert.True(isAtAnEnd || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _), text);
    }

    [Property(MaxTest = 30)]
    public void Uuid_AnyGuid_IsLetThrough(Guid id)
    {
        Assert.True(GrammarMatcher.Accepts(Uuid, id.ToString("D")));
        Assert.True(GrammarMatcher.Accepts(Uuid, id.ToString("D").ToUpperInvariant()));
        Assert.False(GrammarMatcher.Accepts(Uuid, id.ToString("N")));
        Assert.False(GrammarMatcher.Accepts(Uuid, id.ToString("B")));
        Assert.False(GrammarMatcher.Accepts(Uuid, id.ToString("D").Replace('-', 'g')));
    }

    [Theory]
    [InlineData("256.0.0.0")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.")]
    [InlineData("260.1.1.1")]
    [InlineData("1.1.1.1000")]
    public void Address_NoAddress_IsRefused(string text) => Assert.False(GrammarMatcher.Accepts(Address, text));

    [Fact]
    public void Address_EveryPart_IsLetThrough()
    {
        for (int part = 0; part < 256; part++)
            Assert.True(GrammarMatcher.Accepts(Address, new IPAddress([(byte)part, 0, 255, (byte)(255 - part)]).ToString()));
    }

    [Theory]
    [InlineData("iri")]
    [InlineData("Date")]
    [InlineData("")]
    public void Content_FormatThatIsNotKnown_IsNothing(string format) => Assert.Null(StringFormats.Content(new GrammarBuilder(), format));

    private static string Grammar(string format)
    {
        GrammarBuilder builder = new();
        return builder.Build(StringFormats.Content(builder, format)!);
    }
}
