namespace KvNorm.Cli.LineEditing;

/// <summary>
/// What was entered before, to be fetched again. What was being written when the first of it was fetched is the newest entry until it is
/// entered.
/// </summary>
/// <param name="maximum">The maximum of entries; beyond it the oldest go.</param>
internal sealed class History(int maximum)
{
    private readonly List<string> _entries = [];
    private int _at;
    private string _draft = "";

    /// <summary>Gets the entries, the oldest first.</summary>
    public IReadOnlyList<string> Entries => _entries;

    /// <summary>Adds what was entered, and goes back to the end.</summary>
    /// <returns>Whether it is an entry of its own: one that repeats the last is none, nor is one that begins with a space.</returns>
    public bool Add(string text)
    {
        bool isNew = text.Length > 0 && text[0] != ' ' && (_entries.Count == 0 || _entries[^1] != text);
        if (isNew)
            _entries.Add(text);
        if (_entries.Count > maximum)
            _entries.RemoveRange(0, _entries.Count - maximum);
        Leave();
        return isNew;
    }

    /// <summary>Goes back to the end, where nothing is being written yet.</summary>
    public void Leave() => (_at, _draft) = (_entries.Count, "");

    /// <summary>The entry before the one that is shown; null where there is none.</summary>
    /// <param name="current">The text that is shown.</param>
    public string? Previous(string current)
    {
        if (_at == 0)
            return null;
        if (_at == _entries.Count)
            _draft = current;
        return _entries[--_at];
    }

    /// <summary>The entry after the one that is shown, in the end what was being written; null where there is none.</summary>
    public string? Next()
    {
        if (_at == _entries.Count)
            return null;
        return ++_at == _entries.Count ? _draft : _entries[_at];
    }
}
