using System.Buffers;
using System.Text;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>Text to tokens and back. Safe for concurrent use.</summary>
internal sealed class LlamaVocabulary
{
    /// <summary>
    /// Byte-pair vocabularies tokenise text in pieces of at most this many characters. For some of them llama.cpp splits words by
    /// std::regex, which recurses per character: 26,000 letters in a row overflow a stack of 8 MiB and end the process (llama.cpp issues
    /// 27783 and 26965). This takes less than half of the smallest stack, 1.5 MiB.
    /// </summary>
    internal const int LongestPiece = 2048;

    private readonly HashSet<int> _markers = [];
    private readonly SafeLlamaModelHandle _model;
    private readonly SafeLlamaModelHandle.Vocabulary _vocabulary;
    private readonly bool _splitsByExpression;
    private readonly Lazy<int[]> _byteTokens;

    public LlamaVocabulary(SafeLlamaModelHandle model)
    {
        (_model, _vocabulary) = (model, model.Vocab);
        if (_vocabulary.Type == LLamaVocabType.None)
            throw new LlamaException("llama_vocab_type", 0, "the model has no vocabulary, so no text can be read or written with it");
        _splitsByExpression = _vocabulary.Type == LLamaVocabType.BytePairEncoding;
        Count = _vocabulary.Count;
        BeginToken = Known(_vocabulary.BOS);
        EndToken = Known(_vocabulary.EOS);
        BeginOfText = _vocabulary.ShouldAddBOS ? BeginToken : null;
        _byteTokens = new Lazy<int[]>(FindByteTokens);
    }

    public int Count { get; }

    /// <summary>Gets the token of every byte, -1 for none. The first use looks through all tokens.</summary>
    public int[] ByteTokens => _byteTokens.Value;

    /// <summary>Gets the address of the llama_vocab, for the native calls in this folder.</summary>
    internal nint Pointer => LlamaImports.llama_model_get_vocab(_model);

    /// <summary>The token that every text begins with; null when the model wants none.</summary>
    public int? BeginOfText { get; }

    /// <summary>The token that means the beginning of a text, whether the model wants it or not; null when there is none.</summary>
    public int? BeginToken { get; }

    /// <summary>The token that means the end of a text; null when there is none.</summary>
    public int? EndToken { get; }

    public bool IsEndOfGeneration(int token) => Checked(token).IsEndOfGeneration(_vocabulary);

    public bool IsControl(int token) => HasAttribute(token, LLamaTokenAttr.Control);

    /// <summary>
    /// The token whose whole text is <paramref name="text"/>, as special tokens are written in templates; null when there is none.
    /// From then on no text becomes that token, whatever kind the file says it is. Not safe for concurrent use with the other members.
    /// </summary>
    public int? Special(string text)
    {
        List<int> tokens = [];
        TokenizePiece(text, tokens, parseSpecial: true);
        if (tokens is not [int token] || !(IsControl(token) || IsEndOfGeneration(token) || HasAttribute(token, LLamaTokenAttr.UserDefined)))
            return null;
        _markers.Add(token);
        return token;
    }

    /// <summary>Whether a token is control, or one that <see cref="ReserveSpecial"/> was told of.</summary>
    public bool IsReserved(int token) => IsControl(token) || _markers.Contains(token);

    /// <summary>Whether a token says text: it neither is reserved nor ends an answer.</summary>
    public bool IsText(int token) => !IsReserved(token) && !IsEndOfGeneration(token);

    /// <summary>The text of a special token; empty for none.</summary>
    public string SpecialText(int? token) => token is { } number ? Encoding.UTF8.GetString(PieceBytes(number, special: true)) : "";

    /// <summary>
    /// Lists the special tokens: those that are control or end an answer, and those user-defined ones that are marks of a template rather
    /// than pieces of text. From then on no text becomes one of them. Not safe for concurrent use with the other members.
    /// </summary>
    /// <param name="isMark">Whether the text of a user-defined token is such a mark.</param>
    public IReadOnlyList<(string Text, int Token)> ReserveSpecial(Func<string, bool> isMark)
    {
        List<(string Text, int Token)> specials = [];
        for (int token = 0; token < Count; token++)
        {
            bool control = IsControl(token) || IsEndOfGeneration(token);
            if (!control && !HasAttribute(token, LLamaTokenAttr.UserDefined))
                continue;
            string text = SpecialText(token);
            if (string.IsNullOrWhiteSpace(text) || (!control && !isMark(text)))
                continue;
            _markers.Add(token);
            specials.Add((text, token));
        }

        return specials;
    }

    /// <summary>
    /// Appends the tokens of plain text: what looks like a special token in it stays text.
    /// Unpaired surrogates become U+FFFD.
    /// </summary>
    public void TokenizeText(ReadOnlySpan<char> text, List<int> tokens)
    {
        while (_splitsByExpression && text.Length > LongestPiece)
        {
            int cut = CutPoint(text[..LongestPiece]);
            TokenizeTextPiece(text[..cut], tokens);
            text = text[cut..];
        }

        TokenizeTextPiece(text, tokens);
    }

    /// <summary>The bytes of a token; special tokens have none unless <paramref name="special"/>.</summary>
    /// <param name="token">The token.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="special">Whether special tokens are written as their text.</param>
    /// <returns>Bytes written; when negative, minus the bytes needed.</returns>
    public int Piece(int token, Span<byte> buffer, bool special = false) =>
        NativeApi.llama_token_to_piece(_vocabulary, Checked(token), buffer, 0, special);

    /// <summary>The bytes of a token as a new array.</summary>
    public byte[] PieceBytes(int token, bool special = false)
    {
        Span<byte> buffer = stackalloc byte[256];
        int length = Piece(token, buffer, special);
        if (length >= 0)
            return buffer[..length].ToArray();
        byte[] large = new byte[-length];
        return large[..Math.Max(0, Piece(token, large, special))];
    }

    /// <summary>The text of some tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Text(IEnumerable<int> tokens, bool special = false) =>
        Encoding.UTF8.GetString([.. tokens.SelectMany(token => PieceBytes(token, special))]);

    // A few models say their markers are user-defined; llama.cpp then finds them in plain text too. Such text is cut inside every one of
    // them, so that it cannot match. Other user-defined tokens (runs of spaces, say) are text. No piece has a marker that was cut, so this
    // calls itself no deeper than there are markers, however long the text is.
    private void TokenizeTextPiece(ReadOnlySpan<char> text, List<int> tokens)
    {
        int start = tokens.Count;
        TokenizePiece(text, tokens, parseSpecial: false);
        int[] markers = [.. tokens.Skip(start).Distinct().Where(token => !IsText(token))];
        if (markers.Length == 0)
            return;
        string[] texts = Array.ConvertAll(markers, token => SpecialText(token));
        for (int i = 0; i < texts.Length; i++)
        {
            if (texts[i].Length < 2 || !text.Contains(texts[i], StringComparison.Ordinal))
                throw new LlamaException("llama_tokenize", markers[i], $"plain text became the control token '{texts[i]}'");
        }

        tokens.RemoveRange(start, tokens.Count - start);
        SearchValues<string> found = SearchValues.Create(texts, StringComparison.Ordinal);
        for (int at = text.IndexOfAny(found); at >= 0; at = text.IndexOfAny(found))
        {
            TokenizeTextPiece(text[..(at + 1)], tokens);
            text = text[(at + 1)..];
        }

        TokenizeTextPiece(text, tokens);
    }

    private void TokenizePiece(ReadOnlySpan<char> text, List<int> tokens, bool parseSpecial)
    {
        foreach (LLamaToken token in _model.Tokenize(text.ToString(), addBos: false, parseSpecial, Encoding.UTF8))
            tokens.Add((int)token);
    }

    // Before the last space, which belongs to the word behind it, or else behind a line break; never between the halves of a surrogate
    // pair.
    private static int CutPoint(ReadOnlySpan<char> piece)
    {
        int space = piece.LastIndexOf(' ');
        if (space > piece.Length / 2)
            return space;
        int line = piece.LastIndexOf('\n') + 1;
        if (line > piece.Length / 2)
            return line;
        return char.IsHighSurrogate(piece[^1]) ? piece.Length - 1 : piece.Length;
    }

    private int? Known(LLamaToken? token) => token is { } known && (int)known < Count ? (int)known : null;

    private bool HasAttribute(int token, LLamaTokenAttr attribute) => Checked(token).GetAttributes(_vocabulary).HasFlag(attribute);

    private LLamaToken Checked(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Count);
        return token;
    }

    private int[] FindByteTokens()
    {
        int[] tokens = new int[byte.MaxValue + 1];
        Array.Fill(tokens, -1);
        Span<byte> piece = stackalloc byte[1];
        for (int token = 0; token < Count; token++)
        {
            if (Piece(token, piece) == 1)
                tokens[piece[0]] = token;
        }

        return tokens;
    }
}
