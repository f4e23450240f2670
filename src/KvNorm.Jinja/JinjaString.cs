namespace KvNorm.Jinja;

/// <summary>An immutable text that knows of every character whether the template's author wrote it or whether it is data.</summary>
internal sealed class JinjaString : IEquatable<JinjaString>
{
    // Below this many characters joining at once costs less than remembering to.
    private const int EagerLength = 512;

    public static readonly JinjaString Empty = new("", true, []);

    // The text, or the pending concatenation that gives it when it is needed.
    private string? _text;
    private Concatenation? _pending;
    private bool _first;

    // Ascending positions, inside the text, at which the provenance changes.
    private int[] _flips;

    public JinjaString(string text, bool firstFromTemplate, int[] flips) =>
        (_text, _first, _flips, Length) = (text, firstFromTemplate, flips, text.Length);

    private JinjaString(Concatenation pending) => (_pending, _flips, Length) = (pending, [], pending.Left.Length + pending.Right.Length);

    public string Text => Flat()._text!;

    public int Length { get; }

    /// <summary>Gets whether any character is data.</summary>
    public bool HasData => Length > 0 && (Flat()._flips.Length > 0 || !_first);

    /// <summary>Text the template's author wrote, or a caller who vouches for it (bos_token).</summary>
    public static JinjaString Template(string text) => new(text, true, []);

    public static JinjaString Data(string text) => new(text, false, []);

    /// <summary>
    /// Two texts as one. Long ones are joined only when the result is looked at: templates build their output by adding to one variable.
    /// </summary>
    public static JinjaString Concat(JinjaRun run, JinjaString left, JinjaString right)
    {
        if (left.Length == 0 || right.Length == 0)
            return left.Length == 0 ? right : left;
        run.CheckText((long)left.Length + right.Length);
        JinjaString joined = new(new Concatenation(run, left, right));
        return joined.Length < EagerLength ? joined.Flat() : joined;
    }

    /// <summary>The parts of equal provenance in a range.</summary>
    public IEnumerable<(int Start, int End, bool FromTemplate)> Parts(int start, int end)
    {
        Flat();
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

    /// <summary>A part of the text, charged as what is built.</summary>
    public JinjaString Slice(JinjaRun run, int start, int end)
    {
        if (start >= end)
            return Empty;
        if (start == 0 && end == Length)
            return this;
        run.ChargeText(end - start, end - start);
        string text = Text[start..end];
        if (_flips.Length == 0)
            return new JinjaString(text, _first, []);
        List<int> flips = [];
        bool first = true;
        foreach ((int from, _, bool fromTemplate) in Parts(start, end))
        {
            run.Charge(1);
            if (from == start)
                first = fromTemplate;
            else
                flips.Add(from - start);
        }

        return new JinjaString(text, first, [.. flips]);
    }

    /// <summary>
    /// Another text made of this one: character by character if the length is the same, else all of it is data if any of this is.
    /// </summary>
    public JinjaString Mapped(string text) =>
        text.Length == Length ? new JinjaString(text, _first, _flips) : new JinjaString(text, !HasData, []);

    public bool Equals(JinjaString? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as JinjaString);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private JinjaString Flat()
    {
        if (_pending is not { } pending)
            return this;
        JinjaStringBuilder builder = new(pending.Run);
        Stack<JinjaString> parts = new([this]);
        while (parts.TryPop(out JinjaString? part))
        {
            if (part._pending is { } inner)
            {
                parts.Push(inner.Right);
                parts.Push(inner.Left);
            }
            else
            {
                builder.Append(part);
            }
        }

        JinjaString flat = builder.ToJinjaString();
        (_text, _first, _flips, _pending) = (flat._text, flat._first, flat._flips, null);
        return this;
    }

    private sealed record Concatenation(JinjaRun Run, JinjaString Left, JinjaString Right);
}
