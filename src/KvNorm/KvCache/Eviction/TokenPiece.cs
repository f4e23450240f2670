namespace KvNorm.KvCache.Eviction;

/// <summary>What the text of a token says about where sentences end and words begin.</summary>
[Flags]
internal enum TokenPiece : ushort
{
    /// <summary>Nothing: a token without text, such as a special one.</summary>
    None = 0,

    /// <summary>There is a line break in it, or . ! ? and behind that something that is no letter or digit.</summary>
    EndsSpan = 1,

    /// <summary>Text without a letter or digit.</summary>
    Punctuation = 2,

    /// <summary>Text with a letter or digit, of which a word is made.</summary>
    Word = 4,

    /// <summary>It goes on with a word that the token before has left open.</summary>
    ContinuesWord = 8,

    /// <summary>The next token may go on with its word.</summary>
    LeavesWordOpen = 16,

    /// <summary>Text without a letter, digit or white space, such as the hyphen in the middle of a word.</summary>
    JoinsWords = 32,

    /// <summary>It ends with . ! or ?, which ends a span unless the next token goes on without white space, as in 3.14.</summary>
    MayEndSpan = 64,

    /// <summary>There is a digit in it.</summary>
    Digit = 128,

    /// <summary>A word, or the beginning of one, that is among those most often seen in the text the vocabulary was made of.</summary>
    Common = 256,
}
