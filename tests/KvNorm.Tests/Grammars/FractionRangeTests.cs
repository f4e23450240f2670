using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class FractionRangeTests
{
    [Theory]
    [InlineData(null, false, null, false, "0 0.0 0.5 0.0000000000000001 0.9999999999999999", "0. 0.12345678901234567 00")]
    [InlineData("5", false, null, false, "0.5 0.50 0.6 0.51", "0 0.4 0.49")]
    [InlineData("5", true, null, false, "0.51 0.500000001 0.9", "0 0.5 0.500 0.4")]
    [InlineData("", true, null, false, "0.1 0.0000000000000001", "0 0.0 0.000")]
    [InlineData(null, false, "25", false, "0 0.2 0.25 0.2500 0.249", "0.26 0.3 0.2501")]
    [InlineData(null, false, "25", true, "0 0.2 0.2499", "0.25 0.250 0.3")]
    [InlineData(null, false, "", false, "0 0.0 0.000", "0.1 0.0001")]
    [InlineData("123", false, "124", false, "0.123 0.1234 0.124 0.1240", "0.122 0.1241 0.1229 0.12")]
    [InlineData("05", false, "5", true, "0.05 0.1 0.4999", "0.04 0.5 0.0")]
    public void Body_Bounds_LetThroughWhatLiesBetween(string? least, bool above, string? most, bool below, string accepted, string refused)
    {
        string grammar = Grammar(new FractionRange(least, above, most, below))!;
        Assert.All(accepted.Split(' '), text => Assert.True(GrammarMatcher.Accepts(grammar, text), text));
        Assert.All(refused.Split(' '), text => Assert.False(GrammarMatcher.Accepts(grammar, text), text));
    }

    [Theory]
    [InlineData("5", false, "4", false)]
    [InlineData("5", true, "5", false)]
    [InlineData("5", false, "5", true)]
    [InlineData(null, false, "", true)]
    [InlineData("9999999999999999", true, null, false)] // the next one has too many digits
    [InlineData("1234567890123456", true, "1234567890123457", true)]
    public void Body_NothingBetween_IsNothing(string? least, bool above, string? most, bool below) =>
        Assert.Null(new FractionRange(least, above, most, below).Body());

    [Property(MaxTest = 100)]
    public void Body_AnyBounds_LetThroughWhatLiesBetween(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        string? least = random.Next(4) > 0 ? Digits(random) : null, most = random.Next(4) > 0 ? Digits(random) : null;
        bool above = random.Next(2) == 0, below = random.Next(2) == 0;
        string? grammar = Grammar(new FractionRange(least, above, most, below));
        string[] tried =
            [least ?? "", most ?? "", least + "1", most + "1", least + "0", most + "0", Digits(random), Digits(random), "", "0", "9"];
        foreach (string digits in tried)
        {
            decimal number = Value(digits);
            bool expected = (least is null || number > Value(least) || (!above && number == Value(least)))
                && (most is null || number < Value(most) || (!below && number == Value(most)));
            string text = digits.Length > 0 ? "0." + digits : "0";
            bool accepted = grammar is not null && GrammarMatcher.Accepts(grammar, text);
            Assert.True(expected == accepted, $"{text} from {least ?? "-"} {above} to {most ?? "-"} {below}");
        }
    }

    private static decimal Value(string digits) => decimal.Parse("0." + digits + "0", CultureInfo.InvariantCulture);

    // Without zeros at the end.
    private static string Digits(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => "0159"[random.Next(4)])).TrimEnd('0');

    private static string? Grammar(FractionRange range) => range.Body() is { } body ? $"root ::= \"0\" {body}\n" : null;
}
