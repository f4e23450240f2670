using System.Text;
using KvNorm.KvCache.Recall;

namespace KvNorm.Tests.KvCache.Recall;

public sealed class TokenTermsTests
{
    [Fact]
    public void Item_SpacesAndCase_AreTheSameTerm()
    {
        string[] texts = ["word", " word", " Word", "\nWORD", "words", "7", " 7", ".", " ", "", "--", "é", "É"];
        TokenTerms terms = new(texts.Length, token => Encoding.UTF8.GetBytes(texts[token]));
        int[] all = [.. Enumerable.Range(0, texts.Length).Select(token => terms[token])];
        Assert.Single(all[..4].Distinct());
        Assert.NotEqual(all[0], all[4]);
        Assert.Equal(all[5], all[6]);
        Assert.All(all[7..11], static term => Assert.Equal(TokenTerms.None, term));
        Assert.Equal(all[11], all[12]);
        Assert.NotEqual(TokenTerms.None, all[11]);
    }

    [Fact]
    public void Item_PartsOfCharacters_AreTermsOfTheirOwn()
    {
        byte[][] bytes = [[0xE6], [0x97], [0xE6]];
        TokenTerms terms = new(bytes.Length, token => bytes[token]);
        Assert.NotEqual(terms[0], terms[1]);
        Assert.Equal(terms[0], terms[2]);
        Assert.NotEqual(TokenTerms.None, terms[0]);
    }
    [Theory]
    [InlineData("86|99", "8699", true)]
    [InlineData(" 8|6|9|9", "8699", true)]
    [InlineData("B|12", "b12", false)]
    [InlineData("a1|b2|c", "a1b2c", false)]
    [InlineData("1|,", null, false)]
    [InlineData("1| 2", null, false)]
    [InlineData("ab|cd", null, false)]
    [InlineData("\u0301|5", null, false)]
    [InlineData("5|\u0301|6", "56", false)]
    [InlineData("1|2|.|3|4", "34", false)]
    public void Identifier_WordOfSeveralTokens_IsAllOfItWhereItHasADigit(string pieces, string? expected, bool isToken)
    {
        string[] texts = [.. pieces.Split('|'), "ab", "8699"];
        TokenTerms terms = new(texts.Length, token => Encoding.UTF8.GetBytes(texts[token]));
        string? identifier = null;
        for (int token = 1; token < texts.Length - 2; token++)
            identifier = terms.Identifier(identifier, token - 1, token);
        Assert.Equal(expected, identifier);
        if (expected is not null)
            Assert.Equal(isToken ? terms[texts.Length - 1] : TokenTerms.None, terms.Find(expected));
    }

    [Theory]
    [InlineData("12", 0.33)]
    [InlineData("123", 0.78)]
    [InlineData("1234", 1)]
    [InlineData("b1", 0.83)]
    [InlineData("b12", 1)]
    public void Rarity_Identifier_GrowsWithWhatItCanSay(string identifier, double expected) =>
        Assert.Equal(expected, new TokenTerms(49_152, static _ => [(byte)'a']).Rarity(identifier), 0.01);
}
