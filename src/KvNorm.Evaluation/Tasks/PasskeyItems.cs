namespace KvNorm.Evaluation.Tasks;

/// <summary>The paper's passkey in repeated noise (Devoto et al. 2024, arXiv 2406.11430).</summary>
internal static class PasskeyItems
{
    private const string Instruction =
        "There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. "
        + "I will quiz you about the important information there.";

    private const string Question = "\nWhat is the pass key?";
    private const int ReservedTokens = 120; // instruction, needle and question
    private const int AnswerTokens = 32; // models go on in words before they say it

    /// <summary>The question behind the eviction.</summary>
    public static RetrievalItem After(ItemRequest request)
    {
        (TextItem item, string key, double depth) = Hide(request);
        return item.Ask(Question, "The pass key is", [key], AnswerTokens, depth);
    }

    /// <summary>The question before the eviction, as in the paper.</summary>
    public static RetrievalItem Before(ItemRequest request)
    {
        (TextItem item, string key, double depth) = Hide(request);
        return item.AskBefore(Question, "The pass key", " is", key, AnswerTokens, depth);
    }

    private static (TextItem Item, string Key, double Depth) Hide(ItemRequest request)
    {
        Random random = request.Random();
        string key = $"{random.Next(1, 50_001)}";
        double depth = Haystack.DepthOf(request);
        TextItem item = new(request, Instruction);
        Haystack.Hide(
            item,
            Haystack.Noise(request, ReservedTokens),
            [$"The pass key is {key}. Remember it. {key} is the pass key."],
            1,
            depth,
            random);
        return (item, key, depth);
    }
}
