namespace KvNorm.Tests;

public sealed class TokenSpansTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Neighbours_NoSuchWidth_Throws(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => TokenSpans.Neighbours(count));

    [Fact]
    public void Neighbours_One_IsNone() => Assert.Equal(TokenSpans.None, TokenSpans.Neighbours(1));
}
