namespace KvNorm.Evaluation.Tasks;

/// <summary>Sentences to hide things among.</summary>
internal static class Haystack
{
    /// <summary>Depths that items take in turns, as shares of the text.</summary>
    public static IReadOnlyList<double> Depths { get; } = [0.1, 0.3, 0.5, 0.7, 0.9];

    /// <summary>The depth of an item.</summary>
    public static double DepthOf(ItemRequest request) => Depths[request.Index % Depths.Count];

    /// <summary>A passage of the text, from anywhere in it.</summary>
    /// <param name="request">The item; as many sentences as make up its length less <paramref name="reserved"/>.</param>
    /// <param name="random">Where the passage begins.</param>
    /// <param name="reserved">Tokens that are used otherwise.</param>
    /// <exception cref="ArgumentException">The text is shorter.</exception>
    public static List<string> Prose(ItemRequest request, Random random, int reserved)
    {
        IReadOnlyList<string> sentences = request.Text.Sentences;
        List<string> taken = [];
        int at = random.Next(sentences.Count), tokens = 0;
        while (tokens < request.Length - reserved)
        {
            if (taken.Count == sentences.Count)
                throw TooShort(request);
            taken.Add(sentences[at]);
            tokens += request.Model.Tokenize(" " + sentences[at]).Count;
            at = (at + 1) % sentences.Count;
        }

        return taken;
    }

    /// <summary>The same sentences again and again: the noise of the paper's passkey and of RULER.</summary>
    public static List<string> Noise(ItemRequest request, int reserved)
    {
        const string noise = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";
        int count = (request.Length - reserved) / request.Model.Tokenize(" " + noise).Count;
        return [.. Enumerable.Repeat(noise, Math.Max(1, count))];
    }

    /// <summary>That the text has not enough for one item.</summary>
    public static ArgumentException TooShort(ItemRequest request) =>
        new($"The text '{request.Text.Name}' is shorter than one item of {request.Length} tokens; give a longer one, or shorter items.");

    /// <summary>Adds sentences to an item, some needles among them at random places and one at a depth.</summary>
    /// <param name="item">The item.</param>
    /// <param name="sentences">The haystack.</param>
    /// <param name="needles">What is hidden, the one at the depth first.</param>
    /// <param name="evidence">How many of the needles, from the first on, hold what is asked for.</param>
    /// <param name="depth">Where the first needle stands, 0 to 1.</param>
    /// <param name="random">Where the others stand.</param>
    public static void Hide(
        TextItem item, IReadOnlyList<string> sentences, IReadOnlyList<string> needles, int evidence, double depth, Random random)
    {
        ILookup<int, int> places = Enumerable.Range(0, needles.Count)
            .ToLookup(needle => needle == 0 ? (int)Math.Round(depth * sentences.Count) : random.Next(sentences.Count));
        for (int sentence = 0; sentence <= sentences.Count; sentence++)
        {
            foreach (int needle in places[sentence])
                item.Add(" " + needles[needle], isEvidence: needle < evidence);
            if (sentence < sentences.Count)
                item.Add(" " + sentences[sentence]);
        }
    }
}
