namespace KvNorm.Tests;

public sealed class TokenSpansTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Neighbours_NoSuchWidth_Throws(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => TokenSpans.Neighbours(count));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Chunks_NoSuchLength_Throws(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => TokenSpans.Chunks(count));

    [Fact]
    public void Chunks_One_IsNone() => Assert.Equal(TokenSpans.None, TokenSpans.Chunks(1));

    [Fact]
    public void Neighbours_One_IsNone() => Assert.Equal(TokenSpans.None, TokenSpans.Neighbours(1));
}
