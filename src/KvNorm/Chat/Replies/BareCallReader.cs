using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>
/// Reads what may be calls without their marks: JSON, a list of it, either in a fence of code, or a list of calls as Python has them. They
/// are calls when every tool that they name was offered.
/// </summary>
internal sealed class BareCallReader(ToolCallFormat format, CallContents contents, HashSet<string> offered)
{
    private const string Fence = "```";
    private const int LongestLanguage = 12; // behind the fence

    private static readonly string[] Languages = ["", "json", "tool_call", "tool_calls", "tool_code"];
    private static readonly MarkFinder NoBreaks = new([]);

    private JsonExtent? _extent;

    /// <summary>What may be calls begins.</summary>
    public void Begin() => _extent = null;

    /// <summary>Reads on.</summary>
    /// <param name="text">What was given before, and more.</param>
    /// <param name="isAll">Whether no more comes.</param>
    /// <param name="taken">How much of it the calls are.</param>
    /// <returns>The calls; empty when they are none; null when more text is needed.</returns>
    public IReadOnlyList<FunctionCallContent>? Read(ReadOnlySpan<char> text, bool isAll, out int taken)
    {
        taken = 0;
        if (Start(text) is not { } start)
            return isAll ? [] : null;
        if (start < 0)
            return [];
        ReadOnlySpan<char> body = text[start..];
        if (_extent is null || body.Length <= CallHead.Longest)
        {
            if (MayBeCalls(body) is not { } mayBe)
                return isAll ? [] : null;
            if (!mayBe)
                return [];
        }

        _extent ??= new JsonExtent(NoBreaks, IsPython(body) ? "\"'" : "\"");
        if (_extent.End(body) is not { } length)
            return isAll ? [] : null;
        int? end = start == 0 ? length : AfterFence(body, length, isAll);
        if (end is null)
            return null;
        IReadOnlyList<FunctionCallContent> calls = Calls(body[..length]);
        taken = calls.Count > 0 ? start + end.Value : 0;
        return calls;
    }

    /// <summary>The tool of a call that was broken off; null when it is not known, or was not offered.</summary>
    public string? UnfinishedName(ReadOnlySpan<char> text)
    {
        if (Start(text) is not { } start || start < 0 || MayBeCalls(text[start..]) is not true)
            return null;
        ReadOnlySpan<char> body = text[start..];
        string? name = IsPython(body) ? PythonName(body) : contents.Name(Object(body).ToString());
        return name is not null && offered.Contains(name) && IsWritten(body, name) ? name : null;
    }

    // Where the brackets begin; -1 for nowhere, null when that is not known yet.
    private int? Start(ReadOnlySpan<char> text)
    {
        if (Fence.AsSpan().StartsWith(text))
            return null;
        if (!text.StartsWith(Fence))
            return format.Exact && text is not ['{', ..] ? -1 : 0;
        if (format.Exact)
            return -1;
        int line = text.IndexOf('\n');
        if (line < 0)
            return text.Length - Fence.Length > LongestLanguage ? -1 : null;
        if (!Languages.Contains(text[Fence.Length..line].Trim().ToString(), StringComparer.Ordinal))
            return -1;
        int start = text.Length - text[line..].TrimStart().Length;
        return start == text.Length ? null : text[start] is '{' or '[' ? start : -1;
    }

    // Brackets of anything else need not be held back to their end.
    private bool? MayBeCalls(ReadOnlySpan<char> body)
    {
        if (IsPython(body))
            return MayBeName(body[1..].TrimStart());
        ReadOnlySpan<char> inner = Object(body);
        if (inner.IsEmpty)
            return null;
        if (inner[0] != '{')
            return false;
        ReadOnlySpan<char> first = inner[1..].TrimStart();
        if (first.IsEmpty)
            return null;
        if (first[0] != '"')
            return false;
        string head = CallHead.Of(inner).ToString();
        if (PartialCall.FirstKey(head) is { } key && !contents.IsKey(key, offered))
            return false;
        return contents.Name(head) is not { } name || (offered.Contains(name) && MayBeWritten(body, name));
    }

    private bool? MayBeName(ReadOnlySpan<char> text)
    {
        int bracket = text.IndexOf('(');
        string name = (bracket < 0 ? text : text[..bracket]).Trim().ToString();
        return bracket < 0 ? offered.Any(tool => tool.StartsWith(name, StringComparison.Ordinal)) : offered.Contains(name);
    }

    private static string? PythonName(ReadOnlySpan<char> body)
    {
        int bracket = body.IndexOf('(');
        return bracket < 0 ? null : body[1..bracket].Trim().ToString();
    }

    private bool MayBeWritten(ReadOnlySpan<char> text, string name) =>
        IsWritten(text, name) || ToolCallText.Call(format, name).Before.AsSpan().StartsWith(text);

    private bool IsWritten(ReadOnlySpan<char> text, string name) =>
        !format.Exact || text.StartsWith(ToolCallText.Call(format, name).Before, StringComparison.Ordinal);

    private static bool IsPython(ReadOnlySpan<char> body) =>
        body is ['[', ..] && body[1..].TrimStart() is [var first, ..] && (char.IsLetter(first) || first == '_');

    // The object, or the first one of a list; whatever stands there.
    private static ReadOnlySpan<char> Object(ReadOnlySpan<char> body) => body is ['[', ..] ? body[1..].TrimStart() : body;

    private static int? AfterFence(ReadOnlySpan<char> body, int length, bool isAll)
    {
        ReadOnlySpan<char> rest = body[length..].TrimStart();
        if (rest.StartsWith(Fence))
            return body.Length - rest.Length + Fence.Length;
        if (!Fence.AsSpan().StartsWith(rest))
            return length;
        return isAll ? body.Length : null; // a fence that was broken off says nothing
    }

    private IReadOnlyList<FunctionCallContent> Calls(ReadOnlySpan<char> body)
    {
        if (!IsPython(body))
            return contents.FromBare(body.ToString(), offered);
        List<(string Name, string Arguments)>? calls = new PairReader(body, PairSyntax.Python).ReadList();
        return calls is null || calls.Exists(call => !offered.Contains(call.Name))
            ? []
            : [.. calls.Select(call => contents.FromArguments(call.Name, call.Arguments, null))];
    }
}
