using System.Text;
using KvNorm.Llama;

namespace KvNorm.Chat;

/// <summary>Turns sampled tokens into text: bytes of one character may come in several tokens, and stop sequences may cross their borders.</summary>
internal sealed class AnswerText(LlamaVocabulary vocabulary, IEnumerable<string> stops)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StopScanner _scanner = new(stops);
    private readonly StringBuilder _text = new();
    private byte[] _bytes = new byte[64];

    /// <summary>Gets whether a stop sequence was found.</summary>
    public bool Stopped => _scanner.Stopped;

    /// <summary>Takes a token and returns the text that may be shown now, often none.</summary>
    public string Push(int token)
    {
        int length = vocabulary.Piece(token, _bytes);
        if (length < 0)
        {
            _bytes = new byte[-length];
            length = vocabulary.Piece(token, _bytes);
        }

        return Show(_scanner.Push(Decode(_bytes.AsSpan(0, length), flush: false)));
    }

    /// <summary>No more tokens come; returns what is left.</summary>
    public string Finish() => Stopped ? "" : Show(_scanner.Push(Decode([], flush: true)) + _scanner.Finish());

    /// <summary>Everything shown.</summary>
    public override string ToString() => _text.ToString();

    private string Show(string text)
    {
        _text.Append(text);
        return text;
    }

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[128];
        if (bytes.Length >= characters.Length)
            characters = new char[bytes.Length + 1];
        return new string(characters[.._decoder.GetChars(bytes, characters, flush)]);
    }
}
