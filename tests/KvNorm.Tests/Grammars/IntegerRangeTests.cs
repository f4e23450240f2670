using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class IntegerRangeTests
{
    private static readonly Int128[] Landmarks = [0, 1, 9, 10, 11, 19, 20, 99, 100, 101, 109, 110, 999, 1000, 1001, 12345, 99999, 100_000];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 7)]
    [InlineData(0, 10)]
    [InlineData(9, 10)]
    [InlineData(19, 21)]
    [InlineData(99, 101)]
    [InlineData(10, 99)]
    [InlineData(5, 234)]
    [InlineData(100, 199)]
    [InlineData(128, 255)]
    public void NonNegative_SmallBounds_AreExactlyTheNumbersBetween(int least, int most)
    {
        string grammar = "root ::= " + IntegerRange.NonNegative(least, most);
        for (int number = 0; number <= 300; number++)
            Assert.Equal(number >= least && number <= most, GrammarMatcher.Accepts(grammar, Text(number)));
    }

    [Property(MaxTest = 100)]
    public void NonNegative_AnyBounds_AreTheNumbersBetween(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        Int128 first = Number(random), second = Number(random);
        (Int128 least, Int128 most) = (Int128.Min(first, second), Int128.Max(first, second));
        string grammar = "root ::= " + IntegerRange.NonNegative(least, most);
        Int128[] near = [least, least - 1, least + 1, most, most - 1, most + 1, (least + most) / 2, Number(random)];
        foreach (Int128 number in Landmarks.Concat(near))
        {
            bool expected = number >= least && number <= most;
            if (number >= 0)
                Assert.True(expected == GrammarMatcher.Accepts(grammar, Text(number)), $"{number} from {least} to {most}");
        }
    }

    [Theory]
    [InlineData(0, 1000, "00")]
    [InlineData(0, 1000, "007")]
    [InlineData(10, 99, "010")]
    [InlineData(0, 9, "")]
    [InlineData(0, 9, "-1")]
    public void NonNegative_OtherSpellings_AreRefused(int least, int most, string text) =>
        Assert.False(GrammarMatcher.Accepts("root ::= " + IntegerRange.NonNegative(least, most), text));

    [Fact]
    public void Largest_Number_IsNineteenNines()
    {
        string grammar = "root ::= " + IntegerRange.NonNegative(1, IntegerRange.Largest);
        Assert.True(GrammarMatcher.Accepts(grammar, "9999999999999999999"));
        Assert.True(GrammarMatcher.Accepts(grammar, Text(long.MaxValue)));
        Assert.False(GrammarMatcher.Accepts(grammar, "10000000000000000000"));
    }

    // Of every length, round ones too.
    private static Int128 Number(Random random)
    {
        int length = random.Next(1, IntegerRange.MostDigits + 1);
        string digits = string.Concat(Enumerable.Range(0, length).Select(_ => "0123456789900"[random.Next(13)]));
        return Int128.Parse(digits, CultureInfo.InvariantCulture);
    }

    private static string Text(Int128 number) => number.ToString(CultureInfo.InvariantCulture);
}
