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
internal sealed class CallReader(ToolCallFormat format, IReadOnlyList<AIFunctionDeclaration> tools, AnswerContents contents)
{
    private const int LongestHead = 512; // characters between the mark and the arguments

    private readonly MarkFinder _breaks = new([.. format.Starts, .. format.Dropped]);
    private readonly MarkFinder _noBreaks = new([]);
    private readonly CallContents _calls = new(format);
    private readonly CallHead _head = new(format, tools);
    private JsonExtent? _json;
    private string? _name, _id;
    private bool _isList, _atName;
    private int _count, _searched;
    private string _awaited = ""; // what must stand before the name

    /// <summary>A call begins behind its mark.</summary>
    public void Begin(string mark)
    {
        (_json, _name, _id, _isList, _atName, _count, _searched) = (null, null, null, false, false, 0, 0);
        string between = format.AfterStart.Trim('\n');
        _awaited = between == mark ? "" : between;
    }

    /// <summary>JSON begins that may be a call without marks.</summary>
    public void BeginBare()
    {
        Begin("");
        _json = new JsonExtent(_noBreaks);
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
            return format.Shape == CallShape.Tagged ? ReadTagged(text, out taken) : ReadName(text, out taken);
        ReadOnlySpan<char> rest = text.TrimStart();
        return rest.IsEmpty ? CallProgress.Wait : ReadHead(rest, text.Length - rest.Length, out taken);
    }

    /// <summary>Reads JSON that may be a call without marks. It is one when it names a tool that was offered.</summary>
    public CallProgress ReadBare(ReadOnlySpan<char> text, HashSet<string> offered, out int taken)
    {
        taken = _json!.End(text) ?? 0;
        if (!MayBeCall(text))
            return CallProgress.None;
        if (taken == 0)
            return CallProgress.Wait;
        if (_calls.FromObject(text[..taken].ToString()) is not { } call || !offered.Contains(call.Name) || !IsWritten(text, call.Name))
            return CallProgress.None;
        contents.Call(call);
        return CallProgress.Done;
    }

    /// <summary>The tool of a call that was broken off; null when it is not known.</summary>
    public string? UnfinishedName(ReadOnlySpan<char> text)
    {
        if (_name is not null)
            return _name;
        if (_json is not null)
            return PartialCall.Name(text.ToString(), [format.NameKey, "name"]) is { } name && IsWritten(text, name) ? name : null;
        return _atName && _head.NameLength(text) < text.Length ? _head.Name(text) : null;
    }

    /// <summary>The answer ended inside a call.</summary>
    public void BreakOff(string name) => contents.Call(_calls.Unfinished(name));

    private bool IsWritten(ReadOnlySpan<char> text, string name) =>
        !format.Exact || text.StartsWith(ToolCallText.Call(format, name).Before, StringComparison.Ordinal);

    // An answer in JSON that is not a call need not be held back to its end.
    private bool MayBeCall(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestHead)
            text = text[..LongestHead];
        return PartialCall.FirstKey(text.ToString()) is not { } key
            || key == format.NameKey || key == format.ArgumentsKey || key is "name" or "type" or "function" or "id" or "arguments";
    }

    private CallProgress ReadHead(ReadOnlySpan<char> rest, int before, out int taken)
    {
        taken = 0;
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
                return CallProgress.Done;
            case ',' or ';' when _count > 0:
                return ReadSeparator(rest, before, out taken);
        }

        if (_count > 0 || _isList)
            return _count > 0 ? CallProgress.Done : CallProgress.None;
        return format.NameEnds.Count > 0 ? ReadAwaited(rest, before, out taken) : CallProgress.None;
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
        ReadOnlySpan<char> head = text[..Math.Min(text.Length, LongestHead)];
        int brace = head.IndexOf('{');
        int end = format.EndMark is { } mark ? head.IndexOf(mark, StringComparison.Ordinal) : -1;
        if (brace < 0 && end < 0)
            return text.Length < LongestHead ? CallProgress.Wait : CallProgress.None;
        int length = brace < 0 || (end >= 0 && end < brace) ? end : brace;
        if (_head.Name(head[..length]) is not { } name)
            return CallProgress.None;
        taken = length;
        _id = _head.Id(head[..length]);
        if (length == brace)
        {
            (_name, _json) = (name, new JsonExtent(_breaks));
            return CallProgress.More;
        }

        contents.Call(_calls.FromArguments(name, "{}", _id));
        return CallProgress.Done;
    }

    private CallProgress ReadTagged(ReadOnlySpan<char> text, out int taken)
    {
        taken = 0;
        string mark = format.EndMark!;
        int end = text[_searched..].IndexOf(mark, StringComparison.Ordinal);
        if (end < 0)
        {
            _searched = Math.Max(0, text.Length - mark.Length + 1);
            return CallProgress.Wait;
        }

        ReadOnlySpan<char> call = text[..(_searched + end)];
        if (_head.Name(call) is not { } name)
            return CallProgress.None;
        taken = call.Length;
        AIFunctionDeclaration? tool = tools.FirstOrDefault(tool => tool.Name == name);
        string arguments = TaggedArguments.ToJson(call[_head.NameLength(call)..].ToString(), format, tool);
        contents.Call(_calls.FromArguments(name, arguments, null));
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
            contents.Call(_calls.FromArguments(_name, json, _id));
            return CallProgress.Done;
        }

        if (_calls.FromObject(json) is { } call)
        {
            contents.Call(call);
            _count++;
            return CallProgress.More;
        }

        taken = 0; // read again as text, where marks are looked for
        return _count == 0 ? CallProgress.None : CallProgress.Done;
    }
}
