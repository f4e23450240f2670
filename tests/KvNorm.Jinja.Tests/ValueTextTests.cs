using System.Globalization;
using FsCheck.Xunit;

namespace KvNorm.Jinja.Tests;

public sealed class ValueTextTests
{
    [Theory]
    [InlineData(0.0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1.0, "1.0")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1700000000000123.0, "1700000000000123.0")]
    [InlineData(-9007199254740991.0, "-9007199254740991.0")]
    [InlineData(1000000000000000.5, "1000000000000000.5")]
    [InlineData(1e16, "1e+16")]
    [InlineData(-12345678901234568.0, "-1.2345678901234568e+16")]
    [InlineData(9.007199254740993e18, "9.007199254740993e+18")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(1e-7, "1e-07")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void OfDouble_Number_IsAsPythonWritesIt(double number, string expected) => Assert.Equal(expected, ValueText.OfDouble(number));

    [Property]
    public bool OfDouble_AnyNumber_IsReadBackTheSame(double number) =>
        !double.IsFinite(number) || double.Parse(ValueText.OfDouble(number), CultureInfo.InvariantCulture).Equals(number);

    [Theory]
    [InlineData("none", "")]
    [InlineData("missing", "")]
    [InlineData("none ~ ''", "None")]
    [InlineData("missing ~ ''", "")]
    [InlineData("true", "true")]
    [InlineData("12", "12")]
    [InlineData("[none, missing]", "[null, undefined]")]
    [InlineData("(1, 2)", "[1, 2]")]
    [InlineData("namespace(a=1)", """{"a": 1}""")]
    public void Print_Value_IsAsTheOraclePrintsIt(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("5", true)]
    [InlineData("true", true)]
    [InlineData("'a'", true)]
    [InlineData("['a']", false)]
    [InlineData("{}", false)]
    public void Of_Value_IsDataOnlyIfItCouldSpellAToken(string expression, bool fromTemplate) =>
        Assert.Equal(!fromTemplate, ValueText.Of(Runs.New(), Runs.Value(expression)).HasData);

    [Fact]
    public void Of_Function_IsAnError() =>
        Assert.Equal("line 1: a function cannot be printed", Rendering.Try("{{ range }}").Error?.Message);
}
