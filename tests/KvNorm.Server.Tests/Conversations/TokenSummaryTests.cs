using KvNorm.Server.Conversations;

namespace KvNorm.Server.Tests.Conversations;

public sealed class TokenSummaryTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 3)]
    [InlineData(100, 100)]
    [InlineData(101, 100)]
    [InlineData(12_345, 100)]
    public void Slices_Tokens_HaveTheirMean(int tokens, int slices)
    {
        TokenRetention[] all = [.. Enumerable.Range(0, tokens).Select(token => new TokenRetention("a", (float)token / tokens))];
        IReadOnlyList<float> means = TokenSummary.Slices(all);
        Assert.Equal(slices, means.Count);
        for (int slice = 0; slice < slices; slice++)
            Assert.InRange(means[slice], (float)slice / slices - 0.01f, (slice + 1f) / slices + 0.01f);
    }

    [Fact]
    public void Passages_RecalledTokens_AreThoseInARow()
    {
        TokenRetention[] tokens = [.. "ab(cd)e(f)(gh)".Split('(', ')').SelectMany(static (text, part) =>
            text.Select(letter => new TokenRetention(letter.ToString(), 1) { IsRecalled = part % 2 == 1 }))];
        Assert.Equal([new RecalledPassage(2, "cd"), new RecalledPassage(5, "fgh")], TokenSummary.Passages(tokens));
        Assert.Empty(TokenSummary.Passages(tokens[..2]));
    }
}
