namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// RULER's variable tracking, common and frequent words (Hsieh et al. 2024, arXiv 2404.06654), with its prompts but without its worked
/// example before the question.
/// </summary>
internal static class RulerItems
{
    private const int ReservedTokens = 130; // instruction and question
    private const int Hops = 4, CommonWords = 10, FrequentWords = 3;
    private const int VariableTokens = 30, CommonTokens = 80, FrequentTokens = 50;
    private const double Alpha = 2; // of the Zeta distribution of frequent words

    /// <summary>A value handed on from variable to variable.</summary>
    public static RetrievalItem VariableTracking(ItemRequest request)
    {
        Random random = request.Random();
        string value = $"{random.Next(10_000, 100_000)}";
        string[] names = [.. Enumerable.Range(0, Hops + 1).Select(_ => Letters(random, 5).ToUpperInvariant())];
        string[] chain = [$"VAR {names[0]} = {value}.", .. names.Skip(1).Zip(names, static (name, from) => $"VAR {name} = VAR {from}.")];
        TextItem item = new(request, "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n");
        List<string> noise = Haystack.Noise(request, ReservedTokens);
        int[] places = [.. chain.Select(_ => random.Next(noise.Count + 1)).Order()];
        for (int sentence = 0, link = 0; sentence <= noise.Count; sentence++)
        {
            for (; link < chain.Length && places[link] == sentence; link++)
                item.Add(" " + chain[link], isEvidence: true);
            if (sentence < noise.Count)
                item.Add(" " + noise[sentence]);
        }

        return item.Ask(
            $"\nQuestion: Find all variables that are assigned the value {value} in the text above.",
            $"Answer: According to the chain(s) of variable assignment in the text above, {names.Length} variables are assigned the value "
            + $"{value}, they are:",
            names,
            VariableTokens);
    }

    /// <summary>The ten words that stand in a list more often than the others.</summary>
    public static RetrievalItem CommonWordsExtraction(ItemRequest request)
    {
        const int tokensPerTime = 100, mostTimes = 30, othersTimes = 3;
        int common = Math.Clamp(request.Length / tokensPerTime, 4, mostTimes), others = common < 10 ? 1 : othersTimes; // times in the list
        Random random = request.Random();
        string[] words = WordList.Pairs(random, 2000);
        List<string> list = [.. words.Take(CommonWords).SelectMany(word => Enumerable.Repeat(word, common))];
        int tokens = Count(list), next = CommonWords;
        for (; tokens < request.Length - ReservedTokens && next < words.Length; next++)
        {
            string[] more = [.. Enumerable.Repeat(words[next], others)];
            list.AddRange(more);
            tokens += Count(more);
        }

        string[] shuffled = [.. list];
        random.Shuffle(shuffled);
        TextItem item = new(
            request,
            "Below is a numbered list of words. In these words, some appear more often than others. "
            + "Memorize the ones that appear most often.\n");
        for (int i = 0; i < shuffled.Length; i++)
            item.Add($"{i + 1}. {shuffled[i]} ");
        return item.Ask(
            "\nQuestion: What are the 10 most common words in the above list?",
            "Answer: The top 10 words that appear most often in the list are:",
            words[..CommonWords],
            CommonTokens);

        int Count(IEnumerable<string> some) => some.Sum(word => request.Model.Tokenize($"100. {word} ").Count);
    }

    /// <summary>The three most frequent words of a made-up language.</summary>
    public static RetrievalItem FrequentWordsExtraction(ItemRequest request)
    {
        Random random = request.Random();
        string[] words = ["....", .. Enumerable.Range(0, 200).Select(_ => Letters(random, 6))]; // the dots are noise to be ignored
        double[] shares = [.. words.Select(static (_, rank) => Math.Pow(rank + 1, -Alpha))];
        double tokens = words.Zip(shares, (word, share) => share * request.Model.Tokenize(" " + word).Count).Sum();
        double times = (request.Length - ReservedTokens) / tokens;
        string[] text = [.. words.SelectMany((word, rank) => Enumerable.Repeat(word, (int)(times * shares[rank])))];
        random.Shuffle(text);
        TextItem item = new(
            request,
            "Read the following coded text and track the frequency of each coded word. "
            + "Find the three most frequently appeared coded words.");
        foreach (string word in text)
            item.Add(" " + word);
        return item.Ask(
            "\nQuestion: Do not provide any explanation. Please ignore the dots '....'. "
            + "What are the three most frequently appeared words in the above coded text?",
            "Answer: According to the coded text above, the three most frequently appeared words are:",
            words[1..(FrequentWords + 1)],
            FrequentTokens);
    }

    private static string Letters(Random random, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(_ => (char)('a' + random.Next(26))));
}
