namespace KvNorm.Evaluation.Tasks;

/// <summary>Facts hidden in prose.</summary>
internal static class NeedleItems
{
    private const string Instruction =
        "Some special magic numbers are hidden within the following text. Make sure to memorize them. "
        + "I will quiz you about them afterwards.\n";

    private const string PaperAnswer = "eat a sandwich and sit in Dolores Park on a sunny day";
    private const string PaperQuestion = "\nWhat is the best thing to do in San Francisco?";
    private const string PaperPrefix = "The best thing to do in San Francisco", PaperLastWord = " is";
    private const int ReservedTokens = 150; // instruction, needles and question
    private const int AnswerTokens = 12, LongAnswerTokens = 32; // a sentence, or words before the number

    /// <summary>The paper's sentence, the question behind the eviction.</summary>
    public static RetrievalItem Paper(ItemRequest request)
    {
        (TextItem item, double depth) = HidePaper(request);
        return item.Ask(PaperQuestion, PaperPrefix + PaperLastWord, [PaperAnswer], LongAnswerTokens, depth);
    }

    /// <summary>The paper's sentence, the question before the eviction, as in the paper.</summary>
    public static RetrievalItem Before(ItemRequest request)
    {
        (TextItem item, double depth) = HidePaper(request);
        return item.AskBefore(PaperQuestion, PaperPrefix, PaperLastWord, PaperAnswer, LongAnswerTokens, depth);
    }

    /// <summary>One number.</summary>
    public static RetrievalItem OneKey(ItemRequest request) => Numbers(request, 1);

    /// <summary>Four numbers, one of which is asked for.</summary>
    public static RetrievalItem FourKeys(ItemRequest request) => Numbers(request, 4);

    /// <summary>One number, asked for in other words than it was told in.</summary>
    public static RetrievalItem Paraphrased(ItemRequest request)
    {
        (TextItem item, string word, string value, double depth) = Hide(request, 1, static _ => []);
        return item.Ask(
            $"\nWhich figure did the text give for the {word}?",
            $"The figure that the text gave for the {word} is",
            [value],
            LongAnswerTokens,
            depth);
    }

    /// <summary>One number among sentences that look alike and are not asked for.</summary>
    public static RetrievalItem Decoys(ItemRequest request)
    {
        (TextItem item, string word, string value, double depth) = Hide(
            request, 1,
            random => [.. WordList.Pairs(random, 3).Select(other => $"The ordinary number for {other} is {WordList.Number(random)}.")]);
        return Ask(item, word, value, depth);
    }

    private static (TextItem Item, double Depth) HidePaper(ItemRequest request)
    {
        Random random = request.Random();
        TextItem item = new(request, "Read the following text. I will ask you about it afterwards.\n");
        double depth = Haystack.DepthOf(request);
        string needle = $"{PaperPrefix}{PaperLastWord} {PaperAnswer}.";
        Haystack.Hide(item, Haystack.Prose(request, random, ReservedTokens), [needle], 1, depth, random);
        return (item, depth);
    }

    private static RetrievalItem Numbers(ItemRequest request, int keys)
    {
        (TextItem item, string word, string value, double depth) = Hide(request, keys, static _ => []);
        return Ask(item, word, value, depth);
    }

    private static RetrievalItem Ask(TextItem item, string word, string value, double depth) => item.Ask(
        $"\nWhat is the special magic number for {word} mentioned in the text?",
        $"The special magic number for {word} mentioned in the text is", [value], AnswerTokens, depth);

    private static (TextItem Item, string Word, string Value, double Depth) Hide(
        ItemRequest request, int keys, Func<Random, IReadOnlyList<string>> decoys)
    {
        Random random = request.Random();
        string[] words = [.. WordList.Nouns];
        random.Shuffle(words);
        string[] values = [.. Enumerable.Range(0, keys).Select(_ => WordList.Number(random))];
        IEnumerable<string> needles = values.Zip(words, static (value, word) => $"The special magic number for {word} is {value}.");
        TextItem item = new(request, Instruction);
        double depth = Haystack.DepthOf(request);
        Haystack.Hide(item, Haystack.Prose(request, random, ReservedTokens), [.. needles, .. decoys(random)], 1, depth, random);
        return (item, words[0], values[0], depth);
    }
}
