namespace KvNorm.Jinja.Tests;

public sealed class JinjaDictTests
{
    public static TheoryData<object?, object?> Keys => new()
    {
        { 1L, 1L },
        { true, 1L },
        { false, 0L },
        { 2.0, 2L },
        { 2.5, 2.5 },
        { 1e300, 1e300 },
        { null, null },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Key_Value_IsOneKeyForAllEqualOnes(object? value, object? expected) =>
        Assert.Equal(expected, JinjaDict.Key(Runs.New(), value));

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("missing")]
    [InlineData("range")]
    public void Key_WhatCanBeNone_IsNull(string expression) => Assert.Null(JinjaDict.Key(Runs.New(), Runs.Value(expression)));

    // .NET's hash of a long is 0 wherever its halves are equal, and of a double where those of its bits are.
    [Fact]
    public void Items_NumbersOfEqualHalves_HaveHashesOfTheirOwn()
    {
        IEqualityComparer<object> comparer = new JinjaDict().Items.Comparer;
        IEnumerable<long> numbers = Enumerable.Range(1, 1000).Select(i => i * 0x1_0000_0001L);
        Assert.InRange(numbers.Select(number => comparer.GetHashCode(number)).Distinct().Count(), 900, 1000);
        Assert.InRange(
            numbers.Select(number => comparer.GetHashCode(BitConverter.Int64BitsToDouble(number))).Distinct().Count(), 900, 1000);
        Assert.Equal(comparer.GetHashCode(JinjaString.Data("a")), comparer.GetHashCode(JinjaString.Template("a")));
    }

    [Fact]
    public void Items_Keys_KeepTheirOrderAndAuthor()
    {
        JinjaDict dict = new();
        dict.Items[JinjaString.Data("b")] = 1L;
        dict.Items[JinjaString.Data("a")] = 2L;
        dict.Items[JinjaString.Template("b")] = 3L;
        Assert.Equal("ba", string.Concat(dict.Items.Keys));
        Assert.True(((JinjaString)dict.Items.Keys.First()).HasData);
    }
}
