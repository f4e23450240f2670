using System.Globalization;
using System.Text;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// Finds the texts of messages in what a template wrote of them, wherever it put them: each is given a mark before and behind it, of
/// characters that no text holds.
/// </summary>
internal sealed class TextMarks
{
    private const char First = '\uE000', Last = '\uEFFF'; // private characters; those behind them are others' (OpenAnswer)
    private readonly char _open, _close, _standIn;

    /// <summary>Chooses the characters.</summary>
    public TextMarks(IReadOnlyList<TemplateMessage> messages)
    {
        HashSet<char> taken = [];
        foreach (TemplateMessage message in messages)
            taken.UnionWith(message.Text.Where(static character => character is >= First and <= Last));
        char next = First;
        (_open, _close, _standIn) = (Free(), Free(), Free());

        char Free()
        {
            while (next < Last && taken.Contains(next))
                next++;
            return next++;
        }
    }

    /// <summary>
    /// The messages with marks. White space at the ends stays outside, since templates trim it, and so does system text at the beginning.
    /// </summary>
    public IReadOnlyList<TemplateMessage> Around(IReadOnlyList<TemplateMessage> messages) => [.. messages.Select(Around)];

    /// <summary>Whether a message is given marks: one without text is not.</summary>
    public static bool HasMarks(TemplateMessage message) => !message.Text.AsSpan(message.SystemLength).IsWhiteSpace();

    /// <summary>Takes the marks out of a text.</summary>
    /// <returns>The text, and where the marks stood in it, by the number of the message.</returns>
    public (string Text, ILookup<int, int> Places) Read(string marked)
    {
        StringBuilder text = new();
        List<(int Message, int Place)> places = [];
        int at = 0;
        for (int open; (open = marked.IndexOf(_open, at)) >= 0;)
        {
            int close = marked.IndexOf(_close, open);
            bool isMark = int.TryParse(
                marked.AsSpan(open + 1, Math.Max(0, close - open - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out int message);
            text.Append(marked, at, open - at);
            if (isMark)
                places.Add((message, text.Length));
            at = isMark ? close + 1 : open + 1;
        }

        text.Append(marked, at, marked.Length - at);
        return (text.ToString(), places.ToLookup(static place => place.Message, static place => place.Place));
    }

    /// <summary>A text that stands for a message's, for templates that look into texts.</summary>
    public string StandIn(int message) => $"{_standIn}{message.ToString(CultureInfo.InvariantCulture)}{_standIn}";

    private TemplateMessage Around(TemplateMessage message, int number)
    {
        if (!HasMarks(message))
            return message;
        string text = message.Text, mark = $"{_open}{number.ToString(CultureInfo.InvariantCulture)}{_close}";
        int end = text.AsSpan().TrimEnd().Length;
        int start = text.Length - text.AsSpan(message.SystemLength).TrimStart().Length;
        return message with { Text = text[..start] + mark + text[start..end] + mark + text[end..] };
    }
}
