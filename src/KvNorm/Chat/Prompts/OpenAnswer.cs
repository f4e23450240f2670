using KvNorm.Jinja;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// An answer that stands last in a conversation and is to be gone on with: the prompt ends with its text, or with its thought where it has
/// no text yet, without what the template writes after an answer.
/// </summary>
internal sealed class OpenAnswer
{
    // Private characters; one that the text does not hold marks its end.
    private const char FirstMark = '\uF000', LastMark = '\uF8FF';

    private readonly int _index;
    private readonly string _key;

    /// <summary>Finds what is to be gone on with.</summary>
    /// <param name="answer">The last message, a dictionary.</param>
    /// <param name="index">Its number in the conversation.</param>
    /// <param name="reasoningKey">The key of a message's thought.</param>
    public OpenAnswer(IReadOnlyDictionary<string, object?> answer, int index, string reasoningKey)
    {
        _index = index;
        IsThought = answer["content"] is "" && answer.ContainsKey(reasoningKey);
        _key = IsThought ? reasoningKey : "content";
    }

    /// <summary>Gets whether the prompt ends within a thought.</summary>
    public bool IsThought { get; }

    /// <summary>Writes a conversation up to the end of the answer.</summary>
    /// <param name="render">Renders messages without the beginning of a new answer.</param>
    /// <param name="messages">The messages, the last one the answer.</param>
    /// <exception cref="ChatTemplateException">The text is not the last thing that the template writes, or it changes it.</exception>
    public IReadOnlyList<JinjaText> Render(
        Func<IReadOnlyList<object?>, IReadOnlyList<JinjaText>> render, IReadOnlyList<object?> messages)
    {
        IReadOnlyDictionary<string, object?> last = (IReadOnlyDictionary<string, object?>)messages[^1]!;
        string text = (string)last[_key]!;
        char mark = FirstMark;
        while (mark < LastMark && text.Contains(mark, StringComparison.Ordinal))
            mark++;
        Dictionary<string, object?> marked = new(last, StringComparer.Ordinal) { [_key] = text + mark };
        return UpTo(mark, text, render([.. messages.SkipLast(1), marked]));
    }

    private List<JinjaText> UpTo(char mark, string text, IReadOnlyList<JinjaText> pieces)
    {
        int end = pieces.Count - 1;
        while (end >= 0 && pieces[end].FromTemplate)
            end--;
        int at = end < 0 ? -1 : pieces[end].Text.LastIndexOf(mark);
        string before = at < 0 ? "" : string.Concat(pieces.Take(end).Select(piece => piece.Text)) + pieces[end].Text[..at];
        if (at < 0 || at < pieces[end].Text.Length - 1 || !before.EndsWith(text.TrimStart(), StringComparison.Ordinal))
        {
            throw new ChatTemplateException(
                $"Message {_index} is the last one and the assistant's, so the answer would go on with it, but the chat template does not "
                + $"write its {(IsThought ? "thought" : "text")} as the last thing of the conversation. End the conversation with another "
                + "message.",
                line: 0);
        }

        return [.. pieces.Take(end), new JinjaText(pieces[end].Text[..at], FromTemplate: false)];
    }
}
