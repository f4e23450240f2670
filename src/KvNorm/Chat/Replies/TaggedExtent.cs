using KvNorm.Chat.Dialects;

namespace KvNorm.Chat.Replies;

/// <summary>
/// Finds the arguments of a call that stand between marks, as they come. A value ends at its end mark only where that is followed by what
/// may follow it: any other mark in it is text.
/// </summary>
internal sealed class TaggedExtent(ToolCallFormat format)
{
    private readonly MarkFinder _next = new([format.KeyStart, .. format.EndMarks]);
    private readonly MarkFinder _ends = new([.. format.EndMarks]);
    private readonly string _valueEnd = format.ValueEnd.Trim('\n');
    private readonly List<TaggedArgument> _arguments = [];
    private int _at;       // behind what was read
    private int _searched; // behind what is known to belong to the value
    private (string Name, bool? IsText)? _key; // of the value that is being read
    private int? _end;

    /// <summary>Gets whether there is a name without a value.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Gets the arguments that were read.</summary>
    public IReadOnlyList<TaggedArgument> Arguments => _arguments;

    /// <summary>Where the mark stands that ends the call; null while it goes on.</summary>
    /// <param name="text">The text behind the name so far: what was given before, and more.</param>
    public int? End(ReadOnlySpan<char> text)
    {
        while (_key is null ? ReadKey(text) : ReadValue(text))
        {
        }

        return _end;
    }

    private bool ReadKey(ReadOnlySpan<char> text)
    {
        if (_next.First(text[_at..]) is not { } found)
            return false;
        if (found.Mark != format.KeyStart)
        {
            _end = _at + found.At;
            return false;
        }

        int start = _at + found.At + found.Mark.Length;
        int? last = _ends.First(text[start..])?.At;
        if (KeyEnd(text[start..]) is { } end && !(last < end.Length))
        {
            _key = (text.Slice(start, end.Length).Trim().ToString(), end.IsText);
            _at = _searched = start + end.Behind;
            return true;
        }

        (IsBroken, _end) = (last is not null, start + last);
        return false;
    }

    // Where a name ends, and where its value begins.
    private (int Length, int Behind, bool? IsText)? KeyEnd(ReadOnlySpan<char> text)
    {
        if (format.JsonKeyEnd.Length == 0)
            return Behind(text, format.KeyEnd) is { } end ? (end.Length, end.Behind, null) : null;
        (int Length, int Behind)? plain = Behind(text, format.KeyEnd), json = Behind(text, format.JsonKeyEnd);
        bool isText = json is null || plain?.Length < json.Value.Length;
        return (isText ? plain : json) is { } first ? (first.Length, first.Behind, isText) : null;
    }

    // Between the lines of a mark stands white space: what a name without a value is followed by is no value of its.
    private static (int Length, int Behind)? Behind(ReadOnlySpan<char> text, string mark)
    {
        int length = -1, behind = 0;
        foreach (string line in mark.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int at = text[behind..].IndexOf(line, StringComparison.Ordinal);
            if (at < 0 || (length >= 0 && !text.Slice(behind, at).IsWhiteSpace()))
                return null;
            length = length < 0 ? at : length;
            behind += at + line.Length;
        }

        return (length, behind);
    }

    private bool ReadValue(ReadOnlySpan<char> text)
    {
        int found = text[_searched..].IndexOf(_valueEnd, StringComparison.Ordinal);
        if (found < 0)
        {
            _searched = Math.Max(_searched, text.Length - _valueEnd.Length + 1);
            return false;
        }

        int end = _searched + found, behind = end + _valueEnd.Length;
        ReadOnlySpan<char> rest = text[behind..].TrimStart();
        if ((rest.IsEmpty ? null : _next.Begins(rest)) is not { } isEnd)
            return false;
        if (isEnd)
        {
            _arguments.Add(new TaggedArgument(_key!.Value.Name, WithoutFrame(text[_at..end]).ToString(), _key.Value.IsText));
            (_key, _at) = (null, behind);
        }

        _searched = behind;
        return true;
    }

    // Where the format has a line break beside a mark, one there is the format's; others are the value's.
    private ReadOnlySpan<char> WithoutFrame(ReadOnlySpan<char> value)
    {
        if (format.KeyEnd.EndsWith('\n'))
            value = value.StartsWith("\r\n") ? value[2..] : value.StartsWith("\n") ? value[1..] : value;
        if (format.ValueEnd.StartsWith('\n'))
            value = value.EndsWith("\r\n") ? value[..^2] : value.EndsWith("\n") ? value[..^1] : value;
        return value;
    }
}
