namespace KvNorm.Jinja;

/// <summary>An immutable text that knows of every character whether the template's author wrote it or whether it is data.</summary>
internal sealed class JinjaString : IEquatable<JinjaString>
{
    public static readonly JinjaString Empty = new("", true, []);

    private readonly bool _first;

    // Ascending positions, inside the text, at which the provenance changes.
    private readonly int[] _flips;

    internal JinjaString(string text, bool firstFromTemplate, int[] flips) => (Text, _first, _flips) = (text, firstFromTemplate, flips);

    public string Text { get; }

    public int Length => Text.Length;

    /// <summary>Gets whether any character is data.</summary>
    public bool HasData => Text.Length > 0 && (_flips.Length > 0 || !_first);

    /// <summary>Text the template's author wrote, or a caller who vouches for it (bos_token).</summary>
    public static JinjaString Template(string text) => new(text, true, []);

    public static JinjaString Data(string text) => new(text, false, []);

    /// <summary>The parts of equal provenance in a range.</summary>
    public IEnumerable<(int Start, int End, bool FromTemplate)> Parts(int start, int end)
    {
        int index = Array.BinarySearch(_flips, start);
        index = index < 0 ? ~index : index + 1;
        while (start < end)
        {
            int stop = index < _flips.Length ? Math.Min(_flips[index], end) : end;
            yield return (start, stop, _first ^ ((index & 1) == 1));
            start = stop;
            index++;
        }
    }

    public JinjaString Slice(int start, int end)
    {
        if (start >= end)
            return Empty;
        if (start == 0 && end == Length)
            return this;
        string text = Text[start..end];
        if (_flips.Length == 0)
            return new JinjaString(text, _first, []);
        List<int> flips = [];
        bool first = true;
        foreach ((int from, _, bool fromTemplate) in Parts(start, end))
        {
            if (from == start)
                first = fromTemplate;
            else
                flips.Add(from - start);
        }

        return new JinjaString(text, first, [.. flips]);
    }

    /// <summary>Another text made of this one: character by character if the length is the same, else all of it is data if any of this is.</summary>
    public JinjaString Mapped(string text) =>
        text.Length == Length ? new JinjaString(text, _first, _flips) : new JinjaString(text, !HasData, []);

    public bool Equals(JinjaString? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as JinjaString);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
