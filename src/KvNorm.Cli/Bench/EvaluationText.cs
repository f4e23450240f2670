using System.Text;

namespace KvNorm.Cli.Bench;

/// <summary>Prose for the measurements.</summary>
/// <param name="Name">Which text it is, for the report.</param>
/// <param name="Content">The text, white space folded.</param>
internal sealed record EvaluationText(string Name, string Content)
{
    /// <summary>Where the texts of the evaluation lie beside a checkout.</summary>
    public const string DefaultPath = "../shared/data/sherlock-holmes.txt";

    private const int InventedSentences = 6000;
    private const int LeastSentences = 2000;

    /// <summary>The text split at full stops, each sentence with its own.</summary>
    public IReadOnlyList<string> Sentences { get; } = [.. Content.Split(". ").Select(sentence => sentence + ".")];

    /// <summary>Loads a file; without a path the default one, or made-up prose where that is missing.</summary>
    public static EvaluationText Load(string? path)
    {
        if (path is null && !File.Exists(DefaultPath))
            return new EvaluationText("made-up sentences", Invent());
        string content = File.ReadAllText(path ?? DefaultPath);
        EvaluationText text = new(
            Path.GetFileName(path ?? DefaultPath), string.Join(' ', content.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return text.Sentences.Count >= LeastSentences
            ? text
            : throw new ArgumentException(
                $"The text '{path}' has {text.Sentences.Count} sentences; the measurements need {LeastSentences}.");
    }

    // Sentences that differ from one another, as prose does, so that a needle among them is not the only thing that stands out.
    private static string Invent()
    {
        string[] subjects =
        [
            "The old baker", "A young sailor", "My neighbour", "The tired teacher", "Her brother", "The village doctor", "An honest clerk",
            "The gardener",
        ];
        string[] verbs = ["carried", "forgot", "painted", "sold", "repaired", "hid", "borrowed", "admired"];
        string[] objects =
        [
            "a wooden chair", "the letters", "three baskets of apples", "a broken clock", "his best coat", "the map of the island",
            "a basket of fish", "the church bell",
        ];
        string[] places =
        [
            "by the river", "behind the mill", "on the way to town", "before the storm came", "after the feast", "in the cold kitchen",
            "near the harbour", "under the bridge",
        ];
        Random random = new(1);
        StringBuilder text = new();
        for (int i = 0; i < InventedSentences; i++)
            text.Append(Any(subjects)).Append(' ').Append(Any(verbs)).Append(' ').Append(Any(objects)).Append(' ').Append(Any(places))
                .Append(". ");
        return text.ToString();

        string Any(string[] words) => words[random.Next(words.Length)];
    }
}
