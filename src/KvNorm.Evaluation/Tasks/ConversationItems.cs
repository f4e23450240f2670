using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Facts told in the first half of a conversation, small talk in between, every fact asked for at the end.</summary>
internal static class ConversationItems
{
    private const int AnswerTokens = 12;

    // What is told, what is asked, how the answer begins, and what it may be.
    private static readonly (string Told, string Asked, string Prefix, string[] Values)[] Facts =
    [
        ("My dog is called {0}.", "What is my dog called?", "Your dog is called", ["Biscuit", "Rocket", "Pepper", "Waffles"]),
        ("I was born in {0}.", "Where was I born?", "You were born in", ["Lisbon", "Nairobi", "Oslo", "Quito"]),
        (
            "My favourite colour is {0}.", "What is my favourite colour?", "Your favourite colour is",
            ["turquoise", "crimson", "amber", "violet"]),
        ("My sister works as a {0}.", "What does my sister work as?", "Your sister works as a", ["plumber", "pilot", "dentist", "florist"]),
        ("I am allergic to {0}.", "What am I allergic to?", "You are allergic to", ["peanuts", "shellfish", "strawberries", "pollen"]),
        ("My car is a {0}.", "What car do I have?", "Your car is a", ["Volvo", "Toyota", "Fiat", "Tesla"]),
        ("The code of my locker is {0}.", "What is the code of my locker?", "The code of your locker is", ["4821", "7306", "5917", "2648"]),
        ("I play the {0}.", "Which instrument do I play?", "You play the", ["cello", "trumpet", "harp", "banjo"]),
    ];

    /// <summary>Facts told once.</summary>
    public static RetrievalItem Stated(ItemRequest request) => Create(
        request,
        (item, fact, random) =>
        {
            string value = Any(fact.Values, random);
            item.Say(TurnRole.User, string.Format(null, fact.Told, value), "Thank you, I will remember that.", fact.Asked);
            return value;
        });

    /// <summary>Facts told, and corrected soon after: the new value is wanted.</summary>
    public static RetrievalItem Corrected(ItemRequest request) => Create(
        request,
        (item, fact, random) =>
        {
            string[] values = [.. fact.Values];
            random.Shuffle(values);
            item.Say(TurnRole.User, string.Format(null, fact.Told, values[0]), "Thank you, I will remember that.");
            item.Say(TurnRole.User, "Please go on.", item.Prose(1));
            item.Say(
                TurnRole.User, $"I was wrong before. {string.Format(null, fact.Told, values[1])}", "Thank you, I have corrected that.",
                fact.Asked);
            return values[1];
        });

    /// <summary>Facts that a tool gave.</summary>
    public static RetrievalItem Tool(ItemRequest request) => Create(
        request,
        (item, fact, random) =>
        {
            string value = Any(fact.Values, random);
            item.Say(
                TurnRole.Tool,
                $$"""{"tool": "search_diary", "id": {{random.Next(1000, 10_000)}}, "entry": "{{string.Format(null, fact.Told, value)}}"}""",
                "I have found an entry in your diary.",
                fact.Asked);
            return value;
        });

    private static RetrievalItem Create(
        ItemRequest request, Func<DialogueItem, (string Told, string Asked, string Prefix, string[] Values), Random, string> tell)
    {
        Random random = request.Random();
        DialogueItem item = new(request, random, TextItem.System);
        var facts = Facts.ToArray();
        random.Shuffle(facts);
        for (int i = 0; i < facts.Length; i++)
        {
            string value = tell(item, facts[i], random);
            item.Ask(facts[i].Asked, facts[i].Asked, facts[i].Prefix, value, AnswerTokens);
            item.ChatUntil((i + 1) * request.Length / 2 / facts.Length);
        }

        item.ChatUntil(request.Length);
        return item.Finish();
    }

    private static string Any(string[] values, Random random) => values[random.Next(values.Length)];
}
