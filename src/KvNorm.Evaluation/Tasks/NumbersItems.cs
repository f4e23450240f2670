using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// A number told in every message of a long conversation, between prose, and each asked for at the end: within the reach of a small model,
/// and more than a small cache can keep.
/// </summary>
internal static class NumbersItems
{
    private const int TokensPerFact = 300, MaximumFacts = 100, AnswerTokens = 8;

    private static readonly string[] Chatter =
    [
        "Thank you!", "What should I cook tonight?", "Tell me a joke.", "How do I plant a tree?", "Name a city worth a visit.",
        "What makes a good friend?", "How is bread made?", "Give me a tip for a rainy day.", "What do cats dream of?",
        "Translate good morning into French.", "What is seven times eight?", "Write a short poem about spring.",
        "Who painted the Mona Lisa?", "How far away is the moon?", "What is the capital of Norway?", "Can you help me with my homework?",
        "Explain photosynthesis in one sentence.", "What is a good name for a dog?", "How do I stay healthy?", "Please go on.",
    ];

    /// <summary>Asked for in the words in which they were told.</summary>
    public static RetrievalItem Numbers(ItemRequest request) => Create(request, static word => $"What is the magic number for {word}?");

    /// <summary>Asked for in words of which only the subject was told.</summary>
    public static RetrievalItem Subject(ItemRequest request) => Create(request, static word => $"Tell me again about {word}.");

    /// <summary>Questions that need nothing of what was told: nothing is to come back.</summary>
    public static RetrievalItem SmallTalk(ItemRequest request)
    {
        DialogueItem item = Tell(request, static (_, _, _) => { });
        foreach (string question in Chatter)
            item.AskNothingOld(question);
        return item.Finish();
    }

    private static RetrievalItem Create(ItemRequest request, Func<string, string> question) => Tell(
        request,
        (item, word, value) => item.Ask(word, question(word), $"The magic number for {word} is", value, AnswerTokens)).Finish();

    private static DialogueItem Tell(ItemRequest request, Action<DialogueItem, string, string> told)
    {
        Random random = request.Random();
        DialogueItem item = new(request, random, TextItem.System);
        string[] words = [.. WordList.Nouns];
        random.Shuffle(words);
        int facts = Math.Clamp(request.Length / TokensPerFact, 1, MaximumFacts), around = request.Length / facts * 2 / 5; // on either side
        foreach (string word in words[..facts])
        {
            string value = $"{random.Next(10_000, 100_000)}";
            item.Say(
                TurnRole.User, $"{item.Prose(around)} The magic number for {word} is {value}. {item.Prose(around)}", "I see.", word);
            told(item, word, value);
        }

        return item;
    }
}
