using System.Globalization;
using FsCheck;
using FsCheck.Xunit;

namespace KvNorm.Tests.Grammars;

/// <summary>Ranges of numbers against arithmetic.</summary>
public sealed class NumberRulesTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData(0, 9)]
    [InlineData(1, 100)]
    [InlineData(-5, 17)]
    [InlineData(-120, -7)]
    [InlineData(99, 1000)]
    [InlineData(7, null)]
    [InlineData(null, -3)]
    [InlineData(null, 250)]
    [InlineData(-11, null)]
    [InlineData(42, 42)]
    [InlineData(0, 0)]
    public void Integer_Bounds_LetThroughExactlyWhatLiesBetween(int? least, int? most)
    {
        string grammar = SchemaGrammarTests.Grammar(Schema("integer", least, most));
        IEnumerable<int> numbers = Enumerable.Range(-130, 1200)
            .Where(static number => number % 7 == 0 || Math.Abs(number) < 20)
            .Concat([99, 100, 101, 250, 251, 999, 1000, 1001, -7, -120, -121]);
        foreach (int number in numbers)
            Assert.Equal(
                !(number < least) && !(number > most), GrammarMatcher.Accepts(grammar, number.ToString(CultureInfo.InvariantCulture)));
    }

    [Property(MaxTest = 40)]
    public void Integer_AnyBounds_LetThroughExactlyWhatLiesBetween(DoNotSize<long> first, DoNotSize<long> second, long[] numbers)
    {
        (long least, long most) = (Math.Min(first.Item, second.Item), Math.Max(first.Item, second.Item));
        string grammar = SchemaGrammarTests.Grammar($$"""{"type":"integer","minimum":{{least}},"maximum":{{most}}}""");
        Random random = new(unchecked((int)(least ^ most)));
        IEnumerable<long> inside = Enumerable.Range(0, 5).Select(_ => random.NextInt64(least, most < long.MaxValue ? most + 1 : most));
        IEnumerable<long> bounds = Beside(least).Concat(Beside(most));
        foreach (long number in numbers.Concat(inside).Concat([least, most, least / 2, most / 3, 0]).Concat(bounds))
            Assert.Equal(number >= least && number <= most, GrammarMatcher.Accepts(grammar, number.ToString(CultureInfo.InvariantCulture)));
    }

    [Property(MaxTest = 60)]
    public void Number_AnyBounds_LetThroughExactlyWhatLiesBetween(int first, int second, byte decimals, DoNotSize<int> draw)
    {
        int seed = draw.Item;
        decimal scale = Scale(decimals % 5);
        (decimal least, decimal most) = (Math.Min(first, second) / scale, (Math.Max(first, second) + 1) / scale);
        bool above = (seed & 1) != 0, below = (seed & 2) != 0;
        string lower = above ? "exclusiveMinimum" : "minimum", upper = below ? "exclusiveMaximum" : "maximum";
        string schema = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"type":"number","{{lower}}":{{least}},"{{upper}}":{{most}}}""");
        string grammar = SchemaGrammarTests.Grammar(schema);
        Random random = new(seed);
        decimal step = 1 / scale / 10;
        IEnumerable<decimal> drawn = Enumerable.Range(0, 20)
            .Select(_ => decimal.Round(least + ((most - least) * ((decimal)random.NextDouble() * 2m - 0.5m)), random.Next(7)));
        decimal[] bounds = [least, most, least + step, least - step, most + step, most - step, decimal.Floor(least), decimal.Ceiling(most)];
        foreach (decimal number in drawn.Concat(bounds))
        {
            bool expected = (above ? number > least : number >= least) && (below ? number < most : number <= most);
            Assert.True(
                expected == GrammarMatcher.Accepts(grammar, number.ToString(CultureInfo.InvariantCulture)), $"{number} in {schema}");
        }
    }

    [Theory]
    [InlineData("""{"type":"number","minimum":0}""", "0 0.0 0.001 1e-7 5e10 123456789.25", "-1 -0.1 -1e-7")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0 1 1.0 1.000 0.5 0.999 1e-9 9.5e-3", "1.001 -0.5 1e1 2")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}""", "0.5 0.0001 0.999", "0 1 0.0 0.000 1.0")]
    [InlineData("""{"type":"number","minimum":0,"exclusiveMinimum":true}""", "0.5 1", "0 0.0 -1")]
    [InlineData("""{"type":"number","maximum":-1.25}""", "-1.25 -1.250 -1.3 -2 -1000000", "-1.2 0 1 -1.2499")]
    [InlineData("""{"type":"number","minimum":1e300}""", "1e30 1", "x")]
    [InlineData("""{"type":"integer","minimum":0.5,"maximum":3.5}""", "1 2 3", "0 4")]
    [InlineData("""{"type":"integer","exclusiveMinimum":1,"exclusiveMaximum":4}""", "2 3", "1 4")]
    public void Number_Bounds(string schema, string accepted, string refused)
    {
        string grammar = SchemaGrammarTests.Grammar(schema);
        Assert.All(accepted.Split(' '), text => Assert.True(GrammarMatcher.Accepts(grammar, text), text));
        Assert.All(refused.Split(' '), text => Assert.False(GrammarMatcher.Accepts(grammar, text), text));
    }

    private static decimal Scale(int decimals) => Enumerable.Range(0, decimals).Aggregate(1m, static (scale, _) => scale * 10);

    private static IEnumerable<long> Beside(long number) => number is > long.MinValue and < long.MaxValue ? [number - 1, number + 1] : [];

    private static string Schema(string type, int? least, int? most) =>
        $$"""{"type":"{{type}}"{{(least is null ? "" : $",\"minimum\":{least}")}}{{(most is null ? "" : $",\"maximum\":{most}")}}}""";
}
