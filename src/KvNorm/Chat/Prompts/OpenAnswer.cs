using KvNorm.Jinja;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// An answer that stands last in a conversation and is to be gone on with: the prompt ends with its text, or with its thought where it has
/// no text yet, without what the template writes after an answer.
/// </summary>
internal sealed class OpenAnswer
{
    private const string Mark = "\uF000"; // stands for the text, so that the template neither trims nor cuts it; a private character

    private readonly string _place;

    /// <summary>Finds what is to be gone on with.</summary>
    /// <param name="answer">The last message.</param>
    public OpenAnswer(TemplateMessage answer) =>
        (_place, IsThought) = (answer.Place, answer.IsThought);

    /// <summary>Gets whether the prompt ends within a thought.</summary>
    public bool IsThought { get; }

    /// <summary>Writes a conversation up to the end of the answer.</summary>
    /// <param name="render">Renders messages without the beginning of a new answer.</param>
    /// <param name="messages">The messages, the last one the answer.</param>
    /// <exception cref="ChatTemplateException">The text is not the last thing that the template writes.</exception>
    public IReadOnlyList<JinjaText> Render(
        Func<IReadOnlyList<TemplateMessage>, IReadOnlyList<JinjaText>> render, IReadOnlyList<TemplateMessage> messages)
    {
        TemplateMessage last = messages[^1];
        TemplateMessage marked = IsThought ? last with { Reasoning = Mark } : last with { Text = Mark };
        IReadOnlyList<JinjaText> pieces = render([.. messages.SkipLast(1), marked]);
        int end = pieces.Count - 1;
        while (end >= 0 && pieces[end].FromTemplate)
            end--;
        if (end < 0 || !pieces[end].Text.EndsWith(Mark, StringComparison.Ordinal))
        {
            throw new ChatTemplateException(
                $"{_place} is the last one and the assistant's, so the answer would go on with it, but the chat template does not "
                + $"write its {(IsThought ? "thought" : "text")} as the last thing of the conversation. End the conversation with another "
                + "message.",
                line: 0);
        }

        string before = pieces[end].Text[..^Mark.Length];
        return [.. pieces.Take(end), new JinjaText(before + (IsThought ? last.Reasoning : last.Text), FromTemplate: false)];
    }
}
