using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>How far the reading of a call has come.</summary>
internal enum CallProgress
{
    /// <summary>More text is needed.</summary>
    Wait,

    /// <summary>Something was read, and there may be more.</summary>
    More,

    /// <summary>The calls are over.</summary>
    Done,

    /// <summary>What follows the mark is no call.</summary>
    None,
}

/// <summary>Reads what stands behind the mark of a call. Models mix the forms, so each is recognised by how it begins.</summary>
internal sealed class CallReader(
    ToolCallFormat format, IReadOnlyList<AIFunctionDeclaration> tools, CallContents calls, AnswerContents contents)
{
    private readonly MarkFinder _breaks = new([.. format.Starts, .. format.Dropped]);
    private readonly CallHead _head = new(format, tools);
    private readonly PairCallReader _pairs = new(format, calls, contents);
    private JsonExtent? _json;
    private string? _name, _id;
    private bool _isList, _atName, _atEnd;
    private TaggedExtent? _tagged;
    private int _count;
    private string _awaited = ""; // what must stand before the name

    /// <summary>A call begins behind its mark.</summary>
    public void Begin(string mark)
    {
        (_json, _tagged, _name, _id, _isList, _atName, _atEnd, _count) = (null, null, null, null, false, false, false, 0);
        _pairs.Begin();
        string between = format.AfterStart.Trim('\n');
        _awaited = between == mark ? "" : between;
    }

    /// <summary>Reads on.</summary>
    /// <param name="text">What was not taken before, and more.</param>
    /// <param name="taken">How much of it was read and is done with.</param>
    public CallProgress Read(ReadOnlySpan<char> text, out int taken)
    {
        taken = 0;
        if (_json is not null)
            return ReadJson(text, out taken);
        if (_atName)
        {
            return format.Shape switch
            {
                CallShape.Tagged => ReadTagged(text, out taken),
                CallShape.Pairs or CallShape.PairsList => _pairs.Read(text, out taken),
                _ => ReadName(text, out taken),
            };
        }

        ReadOnlySpan<char> rest = text.TrimStart();
        if (_atEnd)
            return ReadEnd(rest, text.Length - rest.Length, out taken);
        return rest.IsEmpty ? CallProgress.Wait : ReadHead(rest, text.Length - rest.Length, out taken);
    }

    /// <summary>The tool of a call that was broken off; null when it is not known.</summary>
    public string? UnfinishedName(ReadOnlySpan<char> text)
    {
        if (_name is not null)
            return _name;
        if (_json is not null)
            return calls.Name(text.ToString());
        if (_atName && format.Shape == CallShape.PairsList && text is ['[', ..])
            text = text[1..];
        return _atName && _head.NameLength(text) < text.Length ? _head.Name(text) : null;
    }

    /// <summary>Whether what the answer ended with is complete but for its end mark.</summary>
    public bool TryFinish(ReadOnlySpan<char> text) =>
        _atName && format.Shape is CallShape.Pairs or CallShape.PairsList && _pairs.Take(text) == CallProgress.Done;

    /// <summary>The answer ended inside a call.</summary>
    public void BreakOff(string name) => contents.Call(calls.Unfinished(name));

    private CallProgress ReadHead(ReadOnlySpan<char> rest, int before, out int taken)
    {
        taken = 0;
        if (format.Shape == CallShape.PairsList)
        {
            (_atName, taken) = (true, before);
            return CallProgress.More;
        }

        switch (rest[0])
        {
            case '{':
                taken = before;
                _json = new JsonExtent(_breaks);
                return CallProgress.More;
            case '[' when !_isList && _count == 0:
                return OpenList(rest, before, out taken);
            case ']' when _isList:
                taken = before + 1;
                _atEnd = format.EndIsText;
                return _atEnd ? CallProgress.More : CallProgress.Done;
            case ',' or ';' when _count > 0:
                return ReadSeparator(rest, before, out taken);
        }

        if (_count > 0 || _isList)
            return _count > 0 ? CallProgress.Done : CallProgress.None;
        return format.NameEnds.Count > 0 ? ReadAwaited(rest, before, out taken) : CallProgress.None;
    }

    private CallProgress ReadEnd(ReadOnlySpan<char> rest, int before, out int taken)
    {
        bool isEnd = rest.StartsWith(format.EndMark);
        taken = isEnd ? before + format.EndMark!.Length : 0;
        return !isEnd && format.EndMark.AsSpan().StartsWith(rest) ? CallProgress.Wait : CallProgress.Done;
    }

    private CallProgress OpenList(ReadOnlySpan<char> rest, int before, out int taken)
    {
        taken = 0;
        ReadOnlySpan<char> inner = rest[1..].TrimStart();
        if (inner.IsEmpty)
            return CallProgress.Wait;
        if (inner[0] is not ('{' or ']'))
            return CallProgress.None;
        _isList = true;
        taken = before + 1;
        return CallProgress.More;
    }

    private static CallProgress ReadSeparator(ReadOnlySpan<char> rest, int before, out int taken)
    {
        taken = 0;
        ReadOnlySpan<char> next = rest[1..].TrimStart();
        if (next.IsEmpty)
            return CallProgress.Wait;
        if (next[0] != '{')
            return CallProgress.Done;
        taken = before + rest.Length - next.Length;
        return CallProgress.More;
    }

    private CallProgress ReadAwaited(ReadOnlySpan<char> rest, int before, out int taken)
    {
        taken = 0;
        if (rest.StartsWith(_awaited, StringComparison.Ordinal))
        {
            _atName = true;
            taken = before + _awaited.Length;
            return CallProgress.More;
        }

        return _awaited.AsSpan().StartsWith(rest, StringComparison.Ordinal) ? CallProgress.Wait : CallProgress.None;
    }

    private CallProgress ReadName(ReadOnlySpan<char> text, out int taken)
    {
        taken = 0;
        ReadOnlySpan<char> head = CallHead.Of(text);
        if (ReadTextName(text) is { } progress)
        {
            if (progress == CallProgress.Done)
                taken = text.IndexOf(format.TextName, StringComparison.Ordinal) + format.TextName.Length;
            contents.Mark(); // the white space behind the name is the format's
            return progress;
        }

        int brace = head.IndexOf('{');
        int end = EndIn(head);
        int length = brace < 0 || (end >= 0 && end < brace) ? end : brace;
        if (length >= 0)
            head = head[..length];
        string? name = head.Contains(format.HeadMark, StringComparison.Ordinal) ? _head.Name(head) : null;
        bool isObject = _head.Behind(head).IsEmpty; // or nothing
        if (length < 0 && (name is null || isObject))
            return text.Length < CallHead.Longest ? CallProgress.Wait : CallProgress.None;
        if (name is null)
            return CallProgress.None;
        _id = _head.Id(head);
        if (isObject && length == brace)
        {
            taken = length;
            (_name, _json) = (name, new JsonExtent(_breaks));
            return CallProgress.More;
        }

        end = EndIn(text);
        if (end < 0)
            return CallProgress.Wait;
        taken = end;
        ReadOnlySpan<char> arguments = _head.Behind(text[..end]); // what is no object is not run
        contents.Call(calls.FromArguments(name, arguments.IsEmpty ? "{}" : arguments.ToString(), _id));
        return CallProgress.Done;
    }

    private int EndIn(ReadOnlySpan<char> text) => format.EndMark is { } mark ? text.IndexOf(mark, StringComparison.Ordinal) : -1;

    // Behind a name that is no tool's stands text.
    private CallProgress? ReadTextName(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> rest = text.TrimStart();
        if (format.TextName.Length == 0 || !(rest.StartsWith(format.TextName) || format.TextName.AsSpan().StartsWith(rest)))
            return null;
        if (rest.Length <= format.TextName.Length)
            return CallProgress.Wait;
        return char.IsWhiteSpace(rest[format.TextName.Length]) ? CallProgress.Done : null;
    }

    private CallProgress ReadTagged(ReadOnlySpan<char> text, out int taken)
    {
        taken = 0;
        if (_tagged is null)
        {
            ReadOnlySpan<char> head = CallHead.Of(text);
            int length = _head.NameLength(head);
            if (length == head.Length)
                return length < CallHead.Longest ? CallProgress.Wait : CallProgress.None;
            if (_head.Name(head) is not { } name)
                return CallProgress.None;
            (taken, _name, _tagged) = (length, name, new TaggedExtent(format));
            return CallProgress.More;
        }

        if (_tagged.End(text) is not { } end)
            return CallProgress.Wait;
        taken = end;
        AIFunctionDeclaration? tool = tools.FirstOrDefault(tool => tool.Name == _name);
        string arguments = _tagged.IsBroken ? text[..end].ToString() : TaggedArguments.ToJson(_tagged.Arguments, tool);
        contents.Call(calls.FromArguments(_name!, arguments, null));
        return CallProgress.Done;
    }

    private CallProgress ReadJson(ReadOnlySpan<char> text, out int taken)
    {
        taken = _json!.End(text) ?? 0;
        if (taken == 0)
            return CallProgress.Wait;
        _json = null;
        string json = text[..taken].ToString();
        if (_name is not null)
        {
            contents.Call(calls.FromArguments(_name, json, _id));
            return CallProgress.Done;
        }

        if (calls.FromObject(json) is { } call)
        {
            contents.Call(call);
            _count++;
            return CallProgress.More;
        }

        taken = 0; // read again as text, where marks are looked for
        return _count == 0 ? CallProgress.None : CallProgress.Done;
    }
}
