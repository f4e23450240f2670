using System.Text;

namespace KvNorm.Chat.Replies;

/// <summary>
/// Finds stop sequences in text that comes in pieces. Text that may be the beginning of one is held back until that is known.
/// </summary>
internal sealed class StopScanner
{
    private readonly MarkFinder _stops;
    private readonly StringBuilder _held = new();

    public StopScanner(IEnumerable<string> stops) => _stops = new MarkFinder(stops.Where(stop => !string.IsNullOrEmpty(stop)));

    /// <summary>Gets whether a stop sequence was found.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Whether a stop sequence would be found with more text, which is not taken.</summary>
    public bool StopsIn(string text) => text.Length > 0 && !_stops.IsEmpty && _stops.First(_held + text) is not null;

    /// <summary>Takes more text and returns what may be shown now.</summary>
    public string Push(string text)
    {
        if (_stops.IsEmpty)
            return text;
        if (Stopped)
            return "";
        string all = _held.Append(text).ToString();
        _held.Clear();
        if (_stops.First(all) is { } found)
        {
            Stopped = true;
            return all[..found.At];
        }

        int shown = all.Length - _stops.HeldLength(all);
        _held.Append(all, shown, all.Length - shown);
        return all[..shown];
    }

    /// <summary>No more text comes: what was held back is no stop sequence.</summary>
    public string Finish()
    {
        string rest = _held.ToString();
        _held.Clear();
        return rest;
    }
}
