namespace KvNorm.Cli.Bench;

/// <summary>A text with a number hidden in it, and the question for it.</summary>
internal sealed record NeedleItem(int[] Context, int[] Question, string Value)
{
    /// <summary>Tokens generated: enough for the seven digits.</summary>
    public const int AnswerTokens = 10;

    private const int Characters = 3800; // some 900 tokens
    private const string Task =
        "Some special magic numbers are hidden within the following text. Make sure to memorize them. "
        + "I will quiz you about them afterwards.";

    private static readonly string[] Words =
    [
        "apple", "river", "candle", "mountain", "pencil", "window", "garden", "silver",
        "thunder", "blanket", "bridge", "castle", "dragon", "engine", "falcon", "guitar",
    ];

    /// <summary>Makes the item of a number; the same number gives the same item.</summary>
    /// <param name="session">A session over the model.</param>
    /// <param name="text">The prose.</param>
    /// <param name="item">The number, which seeds every choice.</param>
    /// <param name="early">Whether the needle stands in the first fifth of the text; otherwise anywhere.</param>
    public static NeedleItem Create(KvCacheSession session, EvaluationText text, int item, bool early)
    {
        Random random = new(item);
        string word = Words[random.Next(Words.Length)];
        string value = $"{random.Next(1_000_000, 10_000_000)}";
        int at = random.Next(text.Sentences.Count - 900);
        List<string> body = [];
        for (int length = 0; length < Characters; length += body[^1].Length)
            body.Add(text.Sentences[at++]);
        int needleAt = random.Next(1, early ? Math.Max(2, body.Count / 5) : body.Count - 1);
        body.Insert(needleAt, $"The special magic number for {word} is {value}.");

        List<int> context = [], question = [];
        Turn("system\nYou are a helpful AI assistant.", context);
        End(context);
        Turn($"user\n{Task}\n{string.Join(' ', body)}", context);
        question.AddRange(session.Tokenize($"\nWhat is the special magic number for {word} mentioned in the text?"));
        End(question);
        Turn($"assistant\nThe special magic number for {word} mentioned in the text is", question);
        return new NeedleItem([.. context], [.. question], value);

        void Turn(string plain, List<int> tokens)
        {
            tokens.Add(Marker("<|im_start|>"));
            tokens.AddRange(session.Tokenize(plain));
        }

        void End(List<int> tokens)
        {
            tokens.Add(Marker("<|im_end|>"));
            tokens.AddRange(session.Tokenize("\n"));
        }

        int Marker(string marker) =>
            session.FindSpecialToken(marker)
            ?? throw new NotSupportedException($"Retrieval asks in ChatML, and this model has no '{marker}'.");
    }

    /// <summary>Asks the question of a session that holds what is left of the context.</summary>
    public bool IsAnswered(KvCacheSession session)
    {
        session.Prefill(Question);
        return session.Generate(AnswerTokens).Contains(Value, StringComparison.Ordinal);
    }
}
