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
}
