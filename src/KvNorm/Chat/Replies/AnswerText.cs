using System.Text;
using KvNorm.Runtime;

namespace KvNorm.Chat.Replies;

/// <summary>Turns sampled tokens into text: bytes of one character may come in several tokens.</summary>
/// <param name="vocabulary">The model's tokens.</param>
/// <param name="isMark">Which control tokens are written as their text, because something reads it; the others have none.</param>
internal sealed class AnswerText(LlamaVocabulary vocabulary, Func<int, bool> isMark)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private byte[] _bytes = new byte[64];

    /// <summary>Takes a token and returns the text that is complete now, often none.</summary>
    public string Push(int token)
    {
        bool special = isMark(token);
        int length = vocabulary.Piece(token, _bytes, special);
        if (length < 0)
        {
            _bytes = new byte[-length];
            length = vocabulary.Piece(token, _bytes, special);
        }

        return Decode(_bytes.AsSpan(0, length), flush: false);
    }

    /// <summary>No more tokens come; returns what is left.</summary>
    public string Finish() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[128];
        if (bytes.Length >= characters.Length)
            characters = new char[bytes.Length + 1];
        return new string(characters[.._decoder.GetChars(bytes, characters, flush)]);
    }
}
