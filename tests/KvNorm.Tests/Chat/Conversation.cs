using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat;

/// <summary>Messages as tests write them.</summary>
internal static class Conversation
{
    private static readonly string[] Sentences =
    [
        "The river bends twice before it reaches the old stone bridge.",
        "On market days the square fills with carts of apples and cheese.",
        "A narrow path leads from the church up to the wooden tower.",
        "In autumn the hills turn red and the geese fly south.",
        "The baker opens his door before the sun has risen.",
        "Children chase a paper kite across the wet meadow.",
        "Three boats lie at the pier, and only one of them is painted.",
        "When it rains the mill wheel turns so fast that it sings.",
    ];

    public static ChatMessage Instruct(string text) => new(ChatRole.System, text);

    public static ChatMessage User(string text) => new(ChatRole.User, text);

    public static ChatMessage Assistant(string text) => new(ChatRole.Assistant, text);

    /// <summary>Prose without any fact that a question asks for; about 14 tokens a sentence.</summary>
    public static string Prose(int sentences, int first = 0) =>
        string.Join(' ', Enumerable.Range(first, sentences).Select(i => Sentences[i % Sentences.Length]));

    /// <summary>All updates of an answer.</summary>
    public static async Task<List<ChatResponseUpdate>> CollectAsync(this IAsyncEnumerable<ChatResponseUpdate> stream)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in stream)
            updates.Add(update);
        return updates;
    }

    public static string Text(this IEnumerable<ChatResponseUpdate> updates) => string.Concat(updates.Select(update => update.Text));
}
