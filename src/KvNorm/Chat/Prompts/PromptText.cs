using KvNorm.Jinja;

namespace KvNorm.Chat.Prompts;

/// <summary>A rendered conversation and the places in it that eviction must know.</summary>
/// <param name="Pieces">The text, with what is the template's own.</param>
/// <param name="SystemEnd">Characters before the first message that is not a system message: the system prompt and the tools.</param>
/// <param name="OpenStart">Where the text of the last user message begins.</param>
/// <param name="OpenEnd">The index after its end; equal to the start when there is none.</param>
internal sealed record PromptText(IReadOnlyList<JinjaText> Pieces, int SystemEnd, int OpenStart, int OpenEnd)
{
    private const string Sentinels = "\uE000\uE001\uE002"; // private characters; one of them neither begins nor ends a text
    private const int MaximumTries = 8; // messages in a row that a template does not write

    /// <summary>
    /// Renders a conversation. A template may put a message anywhere, so a place is found by rendering again with another text there.
    /// </summary>
    /// <param name="render">Renders messages.</param>
    /// <param name="messages">The messages, each a dictionary with "role" and "content".</param>
    /// <param name="leading">Characters at the start of the first message that are system text.</param>
    public static PromptText Create(
        Func<IReadOnlyList<object?>, IReadOnlyList<JinjaText>> render, IReadOnlyList<object?> messages, int leading = 0)
    {
        IReadOnlyList<JinjaText> pieces = render(messages);
        string text = Text(pieces);
        List<string?> roles = [.. messages.Select(Role)];
        int first = roles.FindIndex(static role => role != TemplateRoles.System), last = roles.LastIndexOf(TemplateRoles.User);
        (int Start, int End)? system = null, open = last < 0 ? null : Find(last);
        for (int i = first; first >= 0 && i < Math.Min(messages.Count, first + MaximumTries) && system is null; i++)
            system = Find(i);
        // What cannot be found is not pinned; too much pinned would leave nothing to evict.
        return new PromptText(pieces, first < 0 ? text.Length : system?.Start ?? 0, open?.Start ?? 0, open?.End ?? 0);

        (int Start, int End)? Find(int index)
        {
            string other;
            try
            {
                other = Text(render([.. messages.Select((message, i) => i == index ? Replaced(message, i == 0 ? leading : 0) : message)]));
            }
            catch (ChatTemplateException)
            {
                return null; // the template looks at the text itself
            }

            if (other == text)
                return null; // the template does not write this message
            int prefix = text.AsSpan().CommonPrefixLength(other);
            return (prefix, text.Length - CommonSuffix(text.AsSpan(prefix), other.AsSpan(prefix)));
        }
    }

    private static string Text(IReadOnlyList<JinjaText> pieces) => string.Concat(pieces.Select(piece => piece.Text));

    private static Dictionary<string, object?> Replaced(object? message, int leading)
    {
        IReadOnlyDictionary<string, object?> old = (IReadOnlyDictionary<string, object?>)message!;
        string content = old["content"] as string ?? "";
        char sentinel = Sentinels.First(character => !content.AsSpan(leading).StartsWith([character]) && !content.EndsWith(character));
        return new Dictionary<string, object?>(old, StringComparer.Ordinal) { ["content"] = content[..leading] + sentinel };
    }

    private static int CommonSuffix(ReadOnlySpan<char> text, ReadOnlySpan<char> other)
    {
        int length = 0;
        while (length < Math.Min(text.Length, other.Length) && text[^(length + 1)] == other[^(length + 1)])
            length++;
        return length;
    }

    private static string? Role(object? message) => ((IReadOnlyDictionary<string, object?>)message!)["role"] as string;
}
