using System.Text;
using KvNorm.Grammars;

namespace KvNorm.Runtime;

/// <summary>
/// Watches the bytes of a text, which come in pieces, for the first of some marks. llama.cpp could do that itself, by std::regex over the
/// whole text after every token: it recurses per character, and throws where the token that ends the mark goes on with what the grammar
/// does not allow.
/// </summary>
internal sealed class GrammarTrigger
{
    private readonly byte[][] _marks, _watched, _ends; // what is watched: the marks and what begins a pause; in a pause what ends it
    private readonly int _longest;
    private byte[] _tail = []; // the last bytes, one fewer than the longest mark has
    private bool _paused;

    public GrammarTrigger(IReadOnlyList<string> marks, TriggerPause? pause = null)
    {
        if (marks.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A mark that starts a grammar is empty.", nameof(marks));
        _marks = Bytes(marks);
        _watched = pause is null ? _marks : Bytes([.. marks, pause.Start]);
        _ends = Bytes(pause?.Ends ?? []);
        _longest = _watched.Concat(_ends).Max(static mark => mark.Length);
        _paused = pause?.IsOpen ?? false;
    }

    /// <summary>
    /// The text from a mark on if it is complete with the next piece; null when it is not. Of several the leftmost counts.
    /// </summary>
    public byte[]? Complete(ReadOnlySpan<byte> piece)
    {
        byte[] text = [.. _tail, .. piece];
        return Scan(text).Mark is { } at ? text[at..] : null;
    }

    /// <summary>A piece was written.</summary>
    public void Push(ReadOnlySpan<byte> piece)
    {
        byte[] text = [.. _tail, .. piece];
        (_, int done, _paused) = Scan(text);
        _tail = text[Math.Max(done, text.Length - _longest + 1)..];
    }

    // Where a mark begins, if any counts; how much of the text lies before the end of the last pause's mark; whether it ends in a pause.
    private (int? Mark, int Done, bool Paused) Scan(ReadOnlySpan<byte> text)
    {
        int done = 0;
        for (bool paused = _paused; ; paused = !paused)
        {
            byte[][] watched = paused ? _ends : _watched;
            int first = int.MaxValue, mark = 0;
            for (int i = 0; i < watched.Length; i++)
            {
                int at = text[done..].IndexOf(watched[i]);
                if (at >= 0 && at < first)
                    (first, mark) = (at, i);
            }

            if (first == int.MaxValue)
                return (null, done, paused);
            if (!paused && mark < _marks.Length)
                return (done + first, done, false);
            done += first + watched[mark].Length;
        }
    }

    private static byte[][] Bytes(IReadOnlyList<string> marks) => [.. marks.Select(Encoding.UTF8.GetBytes)];
}
