using KvNorm.Jinja;

namespace KvNorm.Chat.Prompts;

/// <summary>A rendered conversation and the places in it that eviction must know.</summary>
/// <param name="Pieces">The text, with what is the template's own.</param>
/// <param name="SystemEnd">Characters before the first message that is not a system message: the system prompt and the tools.</param>
/// <param name="OpenStart">Where the text of the last user message begins.</param>
/// <param name="OpenEnd">The index after its end; equal to the start when there is none.</param>
internal sealed record PromptText(IReadOnlyList<JinjaText> Pieces, int SystemEnd, int OpenStart, int OpenEnd)
{
    private const int MarksPerText = 2;

    /// <summary>Gets the index after the text of the user's first message; 0 where it cannot be told.</summary>
    public int FirstMessageEnd { get; init; }

    /// <summary>Gets where calls of tools stand: each from the end of the text before it to the end of its last result.</summary>
    public IReadOnlyList<(int Start, int End)> Exchanges { get; init; } = [];

    /// <summary>
    /// Renders a conversation, and once more with marks around the texts, since a template may put a message anywhere, or nowhere. A text
    /// that is left out because of what it says, such as the mark of a thought, is put in afterwards.
    /// </summary>
    /// <param name="render">Renders messages.</param>
    /// <param name="messages">The messages in the order that the template takes.</param>
    /// <exception cref="ChatTemplateException">The template refuses the messages or leaves a text out.</exception>
    public static PromptText Create(
        Func<IReadOnlyList<TemplateMessage>, IReadOnlyList<JinjaText>> render, IReadOnlyList<TemplateMessage> messages)
    {
        TextMarks marks = new(messages);
        (PromptText text, IReadOnlyList<int> lost) = Read(render, messages, marks);
        if (lost.Count == 0)
            return text;
        (text, IReadOnlyList<int> stillLost) = Read(Filling(render, messages, marks, lost), messages, marks);
        return stillLost.Count == 0 ? text : throw new ChatTemplateException(
            $"{messages[stillLost[0]].Place}: the chat template leaves its text out, so the model would not see it.", line: 0);
    }

    private static (PromptText Text, IReadOnlyList<int> Lost) Read(
        Func<IReadOnlyList<TemplateMessage>, IReadOnlyList<JinjaText>> render, IReadOnlyList<TemplateMessage> messages, TextMarks marks)
    {
        IReadOnlyList<JinjaText> pieces = render(messages);
        string text = Text(pieces);
        (string unmarked, ILookup<int, int> found) = marks.Read(Marked(render, messages, marks));
        int[] lost = [.. Enumerable.Range(0, messages.Count).Where(IsLost)];
        int common = text.AsSpan().CommonPrefixLength(unmarked); // behind it the template went by the texts

        bool IsLost(int i) => TextMarks.HasMarks(messages[i]) && found[i].Count() < MarksPerText
            && (unmarked.Length > 0 || !text.Contains(messages[i].Text.Trim(), StringComparison.Ordinal));

        int[] Places(int message) => [.. found[message].Where(place => place <= common)];
        (int Start, int End) TextOf(int message) => Places(message) is [int start, int end, ..] ? (start, end) : (0, 0);
        List<TemplateMessage> list = [.. messages];
        int first = list.FindIndex(static message => !message.IsSystem);
        (int openStart, int openEnd) = TextOf(list.FindLastIndex(static message => message.IsUser));
        int asked = list.FindIndex(
            static message => message is { IsUser: true, IsExchange: false, IsFiller: false } && TextMarks.HasMarks(message));
        // What cannot be found is not pinned; too much pinned would leave nothing to evict.
        int systemEnd = first < 0 ? text.Length : Enumerable.Range(first, messages.Count - first).SelectMany(Places).FirstOrDefault();
        PromptText made = new(pieces, systemEnd, openStart, openEnd)
        {
            FirstMessageEnd = TextOf(asked).End,
            Exchanges = FindExchanges(messages, Places),
        };
        return (made, lost);
    }

    // Between a call and its last result stands nothing but calls and results. What cannot be found is none.
    private static List<(int Start, int End)> FindExchanges(IReadOnlyList<TemplateMessage> messages, Func<int, int[]> places)
    {
        List<(int Start, int End)> exchanges = [];
        int before = 0, start = 0; // the end of the last text; where the call begins
        bool open = false, answered = false;
        for (int i = 0; i < messages.Count; i++)
        {
            bool isCall = messages[i] is { IsExchange: true, IsAssistant: true };
            if (isCall && (!open || answered))
                (start, open, answered) = (before, true, false);
            open &= messages[i].IsExchange;
            if (places(i) is not [.., int end])
                continue;
            before = end;
            if (!open || isCall)
                continue;
            if (answered)
                exchanges.RemoveAt(exchanges.Count - 1);
            exchanges.Add((start, end));
            answered = true;
        }

        return exchanges;
    }

    private static string Marked(
        Func<IReadOnlyList<TemplateMessage>, IReadOnlyList<JinjaText>> render, IReadOnlyList<TemplateMessage> messages, TextMarks marks)
    {
        try
        {
            return Text(render(marks.Around(messages)));
        }
        catch (ChatTemplateException)
        {
            return ""; // the template looks at the texts themselves
        }
    }

    // Renders with something else in the place of some texts, and puts them in afterwards.
    private static Func<IReadOnlyList<TemplateMessage>, IReadOnlyList<JinjaText>> Filling(
        Func<IReadOnlyList<TemplateMessage>, IReadOnlyList<JinjaText>> render,
        IReadOnlyList<TemplateMessage> messages,
        TextMarks marks,
        IReadOnlyList<int> numbers) => given =>
    {
        TemplateMessage[] changed = [.. given];
        foreach (int number in numbers)
        {
            string text = given[number].Text.Replace(
                messages[number].Text.Trim(), marks.StandIn(number), StringComparison.Ordinal);
            changed[number] = given[number] with { Text = text };
        }

        return [.. render(changed).Select(piece => piece with { Text = Filled(piece.Text) })];

        string Filled(string text) => numbers.Aggregate(
            text, (filled, number) => filled.Replace(marks.StandIn(number), messages[number].Text.Trim(), StringComparison.Ordinal));
    };

    private static string Text(IReadOnlyList<JinjaText> pieces) => string.Concat(pieces.Select(piece => piece.Text));
}
