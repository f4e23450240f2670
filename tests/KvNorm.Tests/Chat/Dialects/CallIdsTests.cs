using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Dialects;

namespace KvNorm.Tests.Chat.Dialects;

public sealed class CallIdsTests
{
    [Theory]
    [InlineData("call_1", 0)]
    [InlineData("", 0)]
    [InlineData("é", 0)]
    [InlineData("Abcdef123", 9)]
    [InlineData("000000000", 9)]
    public void Fit_IdThatFits_StaysTheSame(string id, int length) => Assert.Equal(id, CallIds.Fit(id, length));

    [Property(MaxTest = 100)]
    public void Fit_AnyId_HasTheLengthInLettersAndDigits(NonNull<string> id)
    {
        foreach (int length in (int[])[1, 9, 32])
        {
            string fitted = CallIds.Fit(id.Get, length);
            Assert.Equal(length, fitted.Length);
            Assert.All(fitted, static letter => Assert.True(char.IsAsciiLetterOrDigit(letter), letter.ToString()));
            Assert.Equal(fitted, CallIds.Fit(id.Get, length)); // a prompt stays the same
            Assert.Equal(fitted, CallIds.Fit(fitted, length));
        }
    }

    [Theory]
    [InlineData("äbcdef123")]
    [InlineData("call_1234")]
    [InlineData("abcdef12")]
    [InlineData("abcdef1234")]
    [InlineData("")]
    public void Fit_IdThatDoesNotFit_IsAnother(string id) => Assert.Matches("^[0-9A-Za-z]{9}$", CallIds.Fit(id, 9));

    [Fact]
    public void Fit_DifferentIds_StayDifferent()
    {
        IEnumerable<string> numbered = Enumerable.Range(0, 1000).Select(static number => $"call_{number}");
        string[] ids = [.. numbered, "äbcdef123", "abcdef12", "abcdef1234", "abcdef 12"];
        Assert.Equal(ids.Length, ids.Select(static id => CallIds.Fit(id, 9)).Distinct(StringComparer.Ordinal).Count());
    }
}
