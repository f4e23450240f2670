namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// RULER's needles in a haystack (Hsieh et al. 2024, arXiv 2404.06654), with its prompts and numbers of keys, values and queries.
/// </summary>
internal static class RulerNeedleItems
{
    private const int ReservedTokens = 110; // instruction and question
    private const int OneNumberTokens = 32, FourNumbersTokens = 64, UuidTokens = 64; // RULER allows 128; what is asked for comes first
    private const int Several = 4;

    private enum Hay
    {
        Noise,
        Prose,
        Needles,
    }

    /// <summary>A number for a word, in noise.</summary>
    public static RetrievalItem Single1(ItemRequest request) => Create(request, Hay.Noise, keys: 1, values: 1, queries: 1);

    /// <summary>A number for a word, in prose.</summary>
    public static RetrievalItem Single2(ItemRequest request) => Create(request, Hay.Prose, keys: 1, values: 1, queries: 1);

    /// <summary>A UUID for a word, in prose.</summary>
    public static RetrievalItem Single3(ItemRequest request) =>
        Create(request, Hay.Prose, keys: 1, values: 1, queries: 1, uuidValues: true);

    /// <summary>Four words with numbers, one of them asked for.</summary>
    public static RetrievalItem MultiKey1(ItemRequest request) => Create(request, Hay.Prose, keys: Several, values: 1, queries: 1);

    /// <summary>A haystack of nothing but needles: words with numbers.</summary>
    public static RetrievalItem MultiKey2(ItemRequest request) => Create(request, Hay.Needles, keys: 1, values: 1, queries: 1);

    /// <summary>A haystack of nothing but needles: UUIDs for UUIDs.</summary>
    public static RetrievalItem MultiKey3(ItemRequest request) =>
        Create(request, Hay.Needles, keys: 1, values: 1, queries: 1, uuidValues: true, uuidKeys: true);

    /// <summary>Four numbers for one word.</summary>
    public static RetrievalItem MultiValue(ItemRequest request) => Create(request, Hay.Prose, keys: 1, values: Several, queries: 1);

    /// <summary>Four words, all asked for.</summary>
    public static RetrievalItem MultiQuery(ItemRequest request) =>
        Create(request, Hay.Prose, keys: Several, values: 1, queries: Several);

    private static RetrievalItem Create(
        ItemRequest request, Hay hay, int keys, int values, int queries, bool uuidValues = false, bool uuidKeys = false)
    {
        Random random = request.Random();
        string kind = uuidValues ? "uuid" : "number";
        Func<string> key = uuidKeys ? () => WordList.Uuid(random) : () => WordList.Pairs(random, 1)[0];
        Func<string> value = uuidValues ? () => WordList.Uuid(random) : () => WordList.Number(random);
        List<(string Key, string Value)> needles = [];
        for (int i = 0; i < keys; i++)
        {
            string name = Other();
            needles.AddRange(Enumerable.Range(0, values).Select(_ => (name, value())));
        }

        string[] asked = [.. needles.Select(static needle => needle.Key).Distinct(StringComparer.Ordinal).Take(queries)];
        string[] expected =
            [.. needles.Where(needle => asked.Contains(needle.Key, StringComparer.Ordinal)).Select(static needle => needle.Value)];
        string[] hidden = [.. needles.Select(Sentence)];
        double depth = Haystack.DepthOf(request);
        (string it, string kinds) =
            expected.Length == 1 ? ($"A special magic {kind} is", kind) : ($"Some special magic {kind}s are", kind + "s");
        TextItem item = new(
            request, $"{it} hidden within the following text. Make sure to memorize it. I will quiz you about the {kinds} afterwards.\n");
        Haystack.Hide(item, Hide(), hidden, expected.Length, depth, random);
        string query = asked.Length == 1 ? asked[0] : $"{string.Join(", ", asked[..^1])}, and {asked[^1]}";
        (string what, string are) = expected.Length == 1 ? ("What is the", "is") : ("What are all the", "are");
        return item.Ask(
            $"\n{what} special magic {kinds} for {query} mentioned in the provided text?",
            $"The special magic {kinds} for {query} mentioned in the provided text {are}",
            expected,
            uuidValues ? UuidTokens : expected.Length == 1 ? OneNumberTokens : FourNumbersTokens,
            expected.Length == 1 ? depth : null);

        string Sentence((string Key, string Value) needle) => $"One of the special magic {kind}s for {needle.Key} is: {needle.Value}.";

        List<string> Hide()
        {
            int reserved = ReservedTokens + hidden.Sum(needle => request.Model.Tokenize(needle).Count);
            switch (hay)
            {
                case Hay.Noise:
                    return Haystack.Noise(request, reserved);
                case Hay.Prose:
                    return Haystack.Prose(request, random, reserved);
                default:
                    int count = (request.Length - reserved) / request.Model.Tokenize(" " + hidden[0]).Count;
                    return [.. Enumerable.Range(0, Math.Max(1, count)).Select(_ => Sentence((Other(), value())))];
            }
        }

        // A key that no needle has. Those of the haystack may be the same among each other.
        string Other()
        {
            string name = key();
            while (needles.Exists(needle => needle.Key == name))
                name = key();
            return name;
        }
    }
}
