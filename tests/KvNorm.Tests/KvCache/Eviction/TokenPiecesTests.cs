using System.Text;
using KvNorm.KvCache.Eviction;
using static KvNorm.KvCache.Eviction.TokenPiece;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class TokenPiecesTests
{
    [Theory]
    [InlineData("", None)]
    [InlineData(".", Punctuation | JoinsWords | MayEndSpan)]
    [InlineData("...", Punctuation | JoinsWords | MayEndSpan)]
    [InlineData(".\"", Punctuation | JoinsWords | EndsSpan)]
    [InlineData(" .", Punctuation | MayEndSpan)]
    [InlineData(". ", Punctuation | EndsSpan)]
    [InlineData(".json", Word | LeavesWordOpen)]
    [InlineData("3.14", Word | ContinuesWord | LeavesWordOpen | Digit)]
    [InlineData("No. 7", Word | ContinuesWord | LeavesWordOpen | EndsSpan | Digit)]
    [InlineData(",", Punctuation | JoinsWords)]
    [InlineData(" -", Punctuation)]
    [InlineData("\n", Punctuation | EndsSpan)]
    [InlineData("bor", Word | ContinuesWord | LeavesWordOpen)]
    [InlineData(" har", Word | LeavesWordOpen)]
    [InlineData("end ", Word | ContinuesWord)]
    [InlineData(" it.", Word | MayEndSpan)]
    [InlineData("7", Word | ContinuesWord | LeavesWordOpen | Digit)]
    [InlineData("é", Word | ContinuesWord | LeavesWordOpen)]
    [InlineData("日本", Word)]
    [InlineData("สวัส", Word)]
    [InlineData("שלום", Word | ContinuesWord | LeavesWordOpen)]
    [InlineData("한국", Word | ContinuesWord | LeavesWordOpen)]
    [InlineData("\u0301", Word | ContinuesWord | LeavesWordOpen)] // an accent behind its letter
    [InlineData("\u093F", Word | ContinuesWord | LeavesWordOpen)] // a vowel sign of Hindi
    [InlineData("\u0E31", Word)] // one of Thai
    [InlineData("、", Punctuation | JoinsWords)]
    [InlineData("👍", Punctuation | JoinsWords)]
    public void Piece_Text_IsWhatItSays(string text, object piece) =>
        Assert.Equal(piece, new TokenPieces(1, _ => Encoding.UTF8.GetBytes(text))[0]);

    [Fact]
    public void Piece_PartOfACharacter_MayBeALetter() => Assert.Equal(Word, new TokenPieces(1, static _ => [0xE6, 0x97])[0]);

    [Fact]
    public void Piece_AskedAgain_IsNotLookedAtAgain()
    {
        int looks = 0;
        TokenPieces pieces = new(2, _ =>
        {
            looks++;
            return [];
        });
        Assert.Equal([None, None, None], [pieces[1], pieces[1], pieces[1]]);
        Assert.Equal(1, looks);
    }
}
