using System.Buffers;
using System.Globalization;
using System.Text;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>What the text of a token says about where sentences end and words begin.</summary>
[Flags]
internal enum TokenPiece : byte
{
    /// <summary>Nothing: a token without text, such as a special one.</summary>
    None = 0,

    /// <summary>There is . ! ? or a line break in it.</summary>
    EndsSpan = 1,

    /// <summary>Text without a letter or digit.</summary>
    Punctuation = 2,

    /// <summary>Text with a letter or digit, of which a word is made.</summary>
    Word = 4,

    /// <summary>It goes on with a word that the token before has left open.</summary>
    ContinuesWord = 8,

    /// <summary>The next token may go on with its word.</summary>
    LeavesWordOpen = 16,
}

/// <summary>The pieces of a model's tokens, each of which is looked at once.</summary>
internal sealed class TokenPieces(int count, Func<int, byte[]> bytesOf)
{
    private const TokenPiece Known = (TokenPiece)128; // looked at

    private static readonly SearchValues<byte> Ends = SearchValues.Create(".!?\n"u8);

    private readonly TokenPiece[] _known = new TokenPiece[count];

    public static TokenPieces Of(LlamaVocabulary vocabulary) => new(vocabulary.Count, token => vocabulary.PieceBytes(token));

    public TokenPiece this[int token]
    {
        get
        {
            if (_known[token] == TokenPiece.None)
                _known[token] = Known | Look(bytesOf(token));
            return _known[token] & ~Known;
        }
    }

    private static TokenPiece Look(ReadOnlySpan<byte> bytes)
    {
        TokenPiece piece = bytes.ContainsAny(Ends) ? TokenPiece.EndsSpan : TokenPiece.None;
        bool hasWord = false, isFirst = true, isJoined = false;
        while (bytes.Length > 0)
        {
            // A part of a character may be one of a letter: it has no room in a word, and is no punctuation.
            bool isWhole = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == OperationStatus.Done;
            isJoined = isWhole && IsJoined(rune);
            hasWord |= !isWhole || Rune.IsLetterOrDigit(rune);
            if (isFirst && isJoined)
                piece |= TokenPiece.ContinuesWord;
            isFirst = false;
            bytes = bytes[length..];
        }

        if (isJoined)
            piece |= TokenPiece.LeavesWordOpen;
        return isFirst ? piece : piece | (hasWord ? TokenPiece.Word : TokenPiece.Punctuation);
    }

    // Writing without spaces, such as Chinese, is made of letters of no case: there, every token is a word.
    private static bool IsJoined(Rune rune) => Rune.IsLetterOrDigit(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.OtherLetter;
}
