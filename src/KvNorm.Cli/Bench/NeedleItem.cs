using KvNorm.KvCache.Slots;
using KvNorm.Runtime;

namespace KvNorm.Cli.Bench;

/// <summary>A text with a number hidden in it, and the question for it.</summary>
internal sealed record NeedleItem(int[] Context, int[] Question, string Value)
{
    /// <summary>Tokens drawn: enough for the seven digits.</summary>
    public const int AnswerTokens = 10;

    private const int Characters = 3800; // some 900 tokens

    private static readonly string[] Words =
    [
        "apple", "river", "candle", "mountain", "pencil", "window", "garden", "silver", "thunder", "blanket", "bridge", "castle", "dragon", "engine", "falcon", "guitar",
    ];

    /// <summary>Makes the item of a number; the same number gives the same item.</summary>
    /// <param name="vocabulary">The model's.</param>
    /// <param name="text">The prose.</param>
    /// <param name="item">The number, which seeds every choice.</param>
    /// <param name="early">Whether the needle stands in the first fifth of the text; otherwise anywhere.</param>
    public static NeedleItem Create(LlamaVocabulary vocabulary, EvaluationText text, int item, bool early)
    {
        Random random = new(item);
        string word = Words[random.Next(Words.Length)];
        string value = $"{random.Next(1_000_000, 10_000_000)}";
        int at = random.Next(text.Sentences.Count - 900);
        List<string> body = [];
        for (int length = 0; length < Characters; length += body[^1].Length)
            body.Add(text.Sentences[at++]);
        body.Insert(random.Next(1, early ? Math.Max(2, body.Count / 5) : body.Count - 1), $"The special magic number for {word} is {value}.");

        List<int> context = [], question = [];
        Turn("system\nYou are a helpful AI assistant.", context);
        End(context);
        Turn($"user\nSome special magic numbers are hidden within the following text. Make sure to memorize them. I will quiz you about them afterwards.\n{string.Join(' ', body)}", context);
        vocabulary.TokenizeText($"\nWhat is the special magic number for {word} mentioned in the text?", question);
        End(question);
        Turn($"assistant\nThe special magic number for {word} mentioned in the text is", question);
        return new NeedleItem([.. context], [.. question], value);

        void Turn(string plain, List<int> tokens)
        {
            tokens.Add(vocabulary.Special("<|im_start|>")!.Value);
            vocabulary.TokenizeText(plain, tokens);
        }

        void End(List<int> tokens)
        {
            tokens.Add(vocabulary.Special("<|im_end|>")!.Value);
            vocabulary.TokenizeText("\n", tokens);
        }
    }

    /// <summary>Asks the question of a cache that holds what is left of the context.</summary>
    public bool IsAnswered(Slot cache, LlamaVocabulary vocabulary)
    {
        using LlamaSampler greedy = new(new SamplingOptions { Temperature = 0 }, vocabulary);
        List<int> answer = [];
        cache.Read(Question, logits: true);
        for (int i = 0; i < AnswerTokens; i++)
        {
            answer.Add(greedy.Sample(cache.Sequence.Context));
            cache.Read([answer[^1]], logits: true);
        }

        return vocabulary.Text(answer).Contains(Value, StringComparison.Ordinal);
    }
}
