namespace KvNorm.Cli.Tests;

public sealed class UserErrorsTests
{
    [Fact]
    public void Sentence_ArgumentError_IsWithoutTheParameter()
    {
        Assert.Equal("Too small.", UserErrors.Sentence(new ArgumentException("Too small.", "--cells")));
        Assert.Equal("Too small.", UserErrors.Sentence(new ArgumentOutOfRangeException("--cells", 3, "Too small.")));
    }

    [Fact]
    public void Sentence_OtherError_IsItsMessage() =>
        Assert.Equal("No (Parameter 'x')", UserErrors.Sentence(new IOException("No (Parameter 'x')")));

    [Fact]
    public void IsExpected_DefectsOfTheProgram_AreNot()
    {
        Assert.False(UserErrors.IsExpected(new KeyNotFoundException()));
        Assert.False(UserErrors.IsExpected(new InvalidCastException()));
        Assert.True(UserErrors.IsExpected(new FileNotFoundException()));
        Assert.True(UserErrors.IsExpected(new KvCacheBudgetException("no", 2, 1)));
    }
}
