using KvNorm.Evaluation;

namespace KvNorm.Cli.Bench;

/// <summary>A question at the end of a conversation.</summary>
/// <param name="Question">What the user asks, which a recall looks for.</param>
/// <param name="Turn">The turn with it and the beginning of the answer.</param>
/// <param name="Answer">How the answer goes on when it is right.</param>
/// <param name="Value">The text that a right answer contains.</param>
/// <param name="Passage">The message that has the answer, as a turn of its own.</param>
internal sealed record FactQuestion(int[] Question, int[] Turn, int[] Answer, string Value, int[] Passage);

/// <summary>A conversation in ChatML in which facts are told, with prose around each, and a question for every fact.</summary>
/// <param name="Opening">The system prompt.</param>
/// <param name="Turns">What was said after it.</param>
/// <param name="Questions">The questions, in the order of the facts.</param>
internal sealed record FactConversation(int[] Opening, int[] Turns, IReadOnlyList<FactQuestion> Questions)
{
    /// <summary>Tokens generated: enough for the five digits.</summary>
    public const int AnswerTokens = 8;

    private const int ProseCharacters = 480; // before and after each fact, some 110 tokens

    private static readonly string[] Subjects =
    [
        "apple", "river", "candle", "mountain", "pencil", "window", "garden", "silver", "thunder", "blanket", "bridge", "castle",
        "dragon", "engine", "falcon", "guitar", "harbour", "island", "jacket", "kettle", "lantern", "mirror", "needle", "orchard",
        "parrot", "quarry", "ribbon", "saddle", "temple", "violin", "wagon", "anchor",
    ];

    /// <summary>Questions that need nothing of what was said.</summary>
    private static readonly string[] SmallTalk =
    [
        "Thank you!", "What should I cook tonight?", "Tell me a joke.", "How do I plant a tree?", "Name a city worth a visit.",
        "What makes a good friend?", "How is bread made?", "Give me a tip for a rainy day.", "What do cats dream of?",
        "Translate good morning into French.", "What is seven times eight?", "Write a short poem about spring.",
        "Who painted the Mona Lisa?", "How far away is the moon?", "What is the capital of Norway?", "Can you help me with my homework?",
        "Explain photosynthesis in one sentence.", "What is a good name for a dog?", "How do I stay healthy?", "Please go on.",
    ];

    /// <summary>Makes the conversation of a number; the same number gives the same conversation.</summary>
    /// <param name="session">A session over the model.</param>
    /// <param name="text">The prose.</param>
    /// <param name="number">The number, which seeds every choice.</param>
    /// <param name="facts">Facts told.</param>
    public static FactConversation Create(KvCacheSession session, EvaluationText text, int number, int facts)
    {
        ChatMl chat = new(session);
        Random random = new(number);
        string[] subjects = [.. Subjects];
        random.Shuffle(subjects);
        int at = random.Next(text.Sentences.Count - 900);
        List<int> turns = [];
        List<FactQuestion> questions = [];
        foreach (string subject in subjects[..facts])
        {
            string value = $"{random.Next(10_000, 100_000)}", fact = $"The magic number for {subject} is {value}.";
            int[] turn = chat.Turn("user", $"{Prose()} {fact} {Prose()}");
            turns.AddRange([.. turn, .. chat.Turn("assistant", "I see.")]);
            string question = $"What is the magic number for {subject}?", begun = $"The magic number for {subject} is";
            questions.Add(new FactQuestion(
                [.. session.Tokenize(question)], chat.Question(question, begun), [.. session.Tokenize($" {value}")], value, turn));
        }

        return new FactConversation(chat.Turn("system", "You are a helpful AI assistant."), [.. turns], questions);

        string Prose()
        {
            List<string> sentences = [];
            for (int length = 0; length < ProseCharacters; length += sentences[^1].Length)
                sentences.Add(text.Sentences[at++]);
            return string.Join(' ', sentences);
        }
    }

    /// <summary>The tokens of what is said without need of anything said before.</summary>
    public static IEnumerable<int[]> SmallTalkQuestions(KvCacheSession session) =>
        SmallTalk.Select(text => session.Tokenize(text).ToArray());
}
