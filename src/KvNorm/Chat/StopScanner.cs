using System.Text;

namespace KvNorm.Chat;

/// <summary>Finds stop sequences in text that comes in pieces. Text that may be the beginning of one is held back until that is known.</summary>
internal sealed class StopScanner
{
    private readonly string[] _stops;
    private readonly StringBuilder _held = new();

    public StopScanner(IEnumerable<string> stops) => _stops = [.. stops.Where(stop => !string.IsNullOrEmpty(stop))];

    /// <summary>Gets whether a stop sequence was found.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes more text and returns what may be shown now.</summary>
    public string Push(string text)
    {
        if (_stops.Length == 0)
            return text;
        if (Stopped)
            return "";
        string all = _held.Append(text).ToString();
        (int start, int end) = FirstStop(all);
        Stopped = end < int.MaxValue;
        if (!Stopped)
            start = all.Length - _stops.Max(stop => LongestBeginning(all, stop));
        _held.Clear();
        if (!Stopped)
            _held.Append(all, start, all.Length - start);
        return all[..start];
    }

    /// <summary>No more text comes: what was held back is no stop sequence.</summary>
    public string Finish()
    {
        string rest = _held.ToString();
        _held.Clear();
        return rest;
    }

    // The stop sequence that is complete first, and of those the longest: the same one however the text is cut into pieces.
    private (int Start, int End) FirstStop(string text)
    {
        (int Start, int End) first = (0, int.MaxValue);
        foreach (string stop in _stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < first.End || (at + stop.Length == first.End && at < first.Start)))
                first = (at, at + stop.Length);
        }

        return first;
    }

    // The length of the longest beginning of a stop sequence that the text ends with.
    private static int LongestBeginning(string text, string stop)
    {
        int length = Math.Min(stop.Length - 1, text.Length);
        while (length > 0 && !text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
            length--;
        return length;
    }
}
