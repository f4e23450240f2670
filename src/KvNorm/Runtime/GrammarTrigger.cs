using System.Text;

namespace KvNorm.Runtime;

/// <summary>
/// Watches the bytes of a text, which come in pieces, for the first of some marks. llama.cpp could do that itself, by std::regex over the
/// whole text after every token: it recurses per character, and throws where the token that ends the mark goes on with what the grammar
/// does not allow.
/// </summary>
internal sealed class GrammarTrigger
{
    private readonly byte[][] _marks;
    private readonly int _longest;
    private byte[] _tail = []; // the last bytes, one fewer than the longest mark has

    public GrammarTrigger(IReadOnlyList<string> marks)
    {
        if (marks.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A mark that starts a grammar is empty.", nameof(marks));
        _marks = [.. marks.Select(Encoding.UTF8.GetBytes)];
        _longest = _marks.Max(static mark => mark.Length);
    }

    /// <summary>
    /// The text from a mark on if it is complete with the next piece; null when it is not. Of several the leftmost counts.
    /// </summary>
    public byte[]? Complete(ReadOnlySpan<byte> piece)
    {
        byte[] text = [.. _tail, .. piece];
        int first = text.Length;
        foreach (byte[] mark in _marks)
        {
            int at = text.AsSpan().IndexOf(mark);
            if (at >= 0)
                first = Math.Min(first, at);
        }

        return first < text.Length ? text[first..] : null;
    }

    /// <summary>A piece was written.</summary>
    public void Push(ReadOnlySpan<byte> piece)
    {
        byte[] text = [.. _tail, .. piece];
        _tail = text[Math.Max(0, text.Length - _longest + 1)..];
    }
}
