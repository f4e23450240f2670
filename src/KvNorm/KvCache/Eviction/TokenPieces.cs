using System.Buffers;
using System.Globalization;
using System.Text;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>The pieces of a model's tokens, each of which is looked at once.</summary>
internal sealed class TokenPieces(int count, Func<int, byte[]> bytesOf)
{
    private const TokenPiece Known = (TokenPiece)512; // looked at
    private const double CommonWords = 1.0 / 20; // among so many of a vocabulary's tokens, numbered by how often they were seen

    private readonly TokenPiece[] _known = new TokenPiece[count];

    public static TokenPieces Of(LlamaVocabulary vocabulary) => new(vocabulary.Count, token => vocabulary.PieceBytes(token));

    /// <summary>The bytes that they take.</summary>
    public static long BytesOf(LlamaVocabulary vocabulary) => (long)vocabulary.Count * sizeof(TokenPiece);

    public TokenPiece this[int token]
    {
        get
        {
            if (_known[token] == TokenPiece.None)
                _known[token] = Known | WithCommon(Look(bytesOf(token)), token);
            return _known[token] & ~Known;
        }
    }

    /// <summary>Whether a word goes on from one token to the next.</summary>
    public static bool GoesOn(TokenPiece last, TokenPiece next) =>
        (last & TokenPiece.LeavesWordOpen) != TokenPiece.None && (next & TokenPiece.ContinuesWord) != TokenPiece.None;

    private TokenPiece WithCommon(TokenPiece piece, int token)
    {
        bool isWord = (piece & (TokenPiece.Word | TokenPiece.Digit)) == TokenPiece.Word;
        return isWord && token < (int)(count * CommonWords) ? piece | TokenPiece.Common : piece;
    }

    private static TokenPiece Look(ReadOnlySpan<byte> bytes)
    {
        TokenPiece piece = TokenPiece.None;
        bool hasWord = false, hasSpace = false, isFirst = true, isJoined = false, isEnd = false;
        while (bytes.Length > 0)
        {
            // A part of a character may be one of a letter: it has no room in a word, and is no punctuation.
            bool isWhole = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == OperationStatus.Done;
            isJoined = isWhole && IsJoined(rune);
            hasWord |= !isWhole || Rune.IsLetterOrDigit(rune) || IsMark(rune);
            hasSpace |= Rune.IsWhiteSpace(rune);
            if (isWhole && Rune.IsDigit(rune))
                piece |= TokenPiece.Digit;
            bool endsAgain = rune.Value is '.' or '!' or '?';
            if (rune.Value == '\n' || (isEnd && !isJoined && !endsAgain))
                piece |= TokenPiece.EndsSpan;
            isEnd = endsAgain;
            if (isFirst && isJoined)
                piece |= TokenPiece.ContinuesWord;
            isFirst = false;
            bytes = bytes[length..];
        }

        if (isJoined)
            piece |= TokenPiece.LeavesWordOpen;
        if (isEnd)
            piece |= TokenPiece.MayEndSpan;
        if (isFirst || hasWord)
            return isFirst ? piece : piece | TokenPiece.Word;
        return piece | TokenPiece.Punctuation | (hasSpace ? TokenPiece.None : TokenPiece.JoinsWords);
    }

    // Accents and vowel signs are written behind a letter, sometimes as a character, and so a token, of their own.
    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    // Where words are not divided by spaces, every token is one.
    private static bool IsJoined(Rune rune) => (Rune.IsLetterOrDigit(rune) || IsMark(rune)) && !IsWrittenWithoutSpaces(rune.Value);

    private static bool IsWrittenWithoutSpaces(int character) => character switch
    {
        >= 0x0E00 and < 0x0F00 or >= 0x1000 and < 0x10A0 or >= 0x1780 and < 0x1800 => true, // Thai and Lao, Burmese, Khmer
        >= 0x3000 and < 0xA000 or >= 0xF900 and < 0xFB00 or >= 0x20000 and < 0x40000 => true, // kana and Han
        _ => false,
    };
}
