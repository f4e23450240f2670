using KvNorm.Jinja;

namespace KvNorm.Chat;

/// <summary>A rendered conversation and the places in it that eviction must know.</summary>
/// <param name="Pieces">The text, with what is the template's own.</param>
/// <param name="SystemEnd">Characters before the first message that is not a system message: the system prompt and the tools.</param>
/// <param name="OpenStart">Where the text of the last user message begins.</param>
/// <param name="OpenEnd">One behind its end; equal to the start when there is none.</param>
internal sealed record PromptText(IReadOnlyList<JinjaText> Pieces, int SystemEnd, int OpenStart, int OpenEnd)
{
    private const string Sentinel = "\uE000"; // a private character: no text begins or ends with it

    /// <summary>Renders a conversation. A template may put a message anywhere, so a place is found by rendering again with another text there.</summary>
    /// <param name="render">Renders messages.</param>
    /// <param name="messages">The messages, each a dictionary with "role" and "content".</param>
    public static PromptText Create(Func<IReadOnlyList<object?>, IReadOnlyList<JinjaText>> render, IReadOnlyList<object?> messages)
    {
        IReadOnlyList<JinjaText> pieces = render(messages);
        string text = Text(pieces);
        int first = FindIndex(messages, role => role != "system"), last = FindLastIndex(messages, role => role == "user");
        int systemEnd = first < 0 ? text.Length : Without(first, out _);
        if (last < 0)
            return new PromptText(pieces, systemEnd, 0, 0);
        int start = Without(last, out int end);
        return new PromptText(pieces, systemEnd, start, end);

        int Without(int index, out int end)
        {
            string other = Text(render([.. messages.Select((message, i) => i == index ? Replaced(message) : message)]));
            int prefix = text.AsSpan().CommonPrefixLength(other);
            int suffix = CommonSuffix(text.AsSpan(prefix), other.AsSpan(prefix));
            end = text.Length - suffix;
            return prefix;
        }
    }

    private static string Text(IReadOnlyList<JinjaText> pieces) => string.Concat(pieces.Select(piece => piece.Text));

    private static Dictionary<string, object?> Replaced(object? message) =>
        new((IReadOnlyDictionary<string, object?>)message!, StringComparer.Ordinal) { ["content"] = Sentinel };

    private static int CommonSuffix(ReadOnlySpan<char> text, ReadOnlySpan<char> other)
    {
        int length = 0;
        while (length < Math.Min(text.Length, other.Length) && text[^(length + 1)] == other[^(length + 1)])
            length++;
        return length;
    }

    private static int FindIndex(IReadOnlyList<object?> messages, Func<string?, bool> role)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (role(Role(messages[i])))
                return i;
        }

        return -1;
    }

    private static int FindLastIndex(IReadOnlyList<object?> messages, Func<string?, bool> role)
    {
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            if (role(Role(messages[i])))
                return i;
        }

        return -1;
    }

    private static string? Role(object? message) => ((IReadOnlyDictionary<string, object?>)message!)["role"] as string;
}
