using System.Buffers;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>Reads a name that stands as plain text before the arguments of a call.</summary>
internal sealed class CallHead(ToolCallFormat format, IReadOnlyList<AIFunctionDeclaration> tools)
{
    private const string Fence = "```", FenceLanguage = "json"; // in which some models write the object

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    /// <summary>The maximum of characters up to the arguments: what has more is no call.</summary>
    public const int Longest = 512;

    private readonly string _argumentsMark = ArgumentsMark(format);

    /// <summary>As much of a text as may be the head of a call.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text) => text[..Math.Min(text.Length, Longest)];

    /// <summary>Where the name ends; the length of the text when nothing ends it.</summary>
    public int NameLength(ReadOnlySpan<char> head)
    {
        int length = head.Length;
        foreach (string mark in format.NameEnds)
        {
            int at = head.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
                length = Math.Min(length, at);
        }

        return length;
    }

    /// <summary>The name; null when there is none. Prose behind a mark is no name, unless a tool is called so.</summary>
    public string? Name(ReadOnlySpan<char> head)
    {
        head = head[..NameLength(head)];
        int start = format.NameStart.Length > 0 ? head.IndexOf(format.NameStart, StringComparison.Ordinal) : -1;
        string name = (start < 0 ? head : head[(start + format.NameStart.Length)..]).Trim().ToString();
        bool isName = name.Length > 0 && (!name.Any(char.IsWhiteSpace) || tools.Any(tool => tool.Name == name));
        return isName ? name : null;
    }

    /// <summary>
    /// What stands behind the name and the marks, which is nothing where the arguments follow. Where their mark is missing, an id may stand
    /// there.
    /// </summary>
    public ReadOnlySpan<char> Behind(ReadOnlySpan<char> head)
    {
        ReadOnlySpan<char> rest = head[NameLength(head)..];
        int mark = rest.IndexOf(_argumentsMark, StringComparison.Ordinal);
        if (mark >= 0)
        {
            rest = rest[(mark + _argumentsMark.Length)..].Trim();
            return rest.StartsWith(Fence) ? rest[Fence.Length..].TrimStart(FenceLanguage).Trim() : rest;
        }

        while (NameEnd(rest = rest.Trim()) is { } end)
            rest = rest[end.Length..];
        return rest.IndexOfAnyExcept(IdCharacters) < 0 ? default : rest;
    }

    /// <summary>The model's own id of the call; null when it gives none.</summary>
    public string? Id(ReadOnlySpan<char> head)
    {
        int at = format.IdStart.Length > 0 ? head.IndexOf(format.IdStart, StringComparison.Ordinal) : -1;
        if (at < 0)
            return null;
        ReadOnlySpan<char> id = head[(at + format.IdStart.Length)..];
        return id[..NameLength(id)].Trim().ToString();
    }

    private string? NameEnd(ReadOnlySpan<char> text)
    {
        foreach (string mark in format.NameEnds)
        {
            if (text.StartsWith(mark, StringComparison.Ordinal))
                return mark;
        }

        return null;
    }

    // The last of what stands between a name and its arguments, without an id.
    private static string ArgumentsMark(ToolCallFormat format)
    {
        if (format.HeadMark.Length > 0)
            return format.HeadMark;
        string last = format.AfterName.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("");
        return last.Length == 0
            ? format.NameEnds.FirstOrDefault("\n")
            : format.NameEnds.FirstOrDefault(mark => last.EndsWith(mark, StringComparison.Ordinal), last);
    }
}
