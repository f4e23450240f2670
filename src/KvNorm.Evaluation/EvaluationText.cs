using System.Security.Cryptography;
using System.Text;

namespace KvNorm.Evaluation;

/// <summary>Prose to read and to hide things in.</summary>
public sealed record EvaluationText
{
    private const int InventedSentences = 6000;

    private static readonly string[] Subjects =
    [
        "The old baker", "A young sailor", "My neighbour", "The tired teacher", "Her brother", "The village doctor", "An honest clerk",
        "The gardener",
    ];

    private static readonly string[] Verbs = ["carried", "forgot", "painted", "sold", "repaired", "hid", "borrowed", "admired"];

    private static readonly string[] Objects =
    [
        "a wooden chair", "the letters", "three baskets of apples", "a broken clock", "his best coat", "the map of the island",
        "a basket of fish", "the church bell",
    ];

    private static readonly string[] Places =
    [
        "by the river", "behind the mill", "on the way to town", "before the storm came", "after the feast", "in the cold kitchen",
        "near the harbour", "under the bridge",
    ];

    private EvaluationText(string name, string content)
    {
        (Name, Content) = (name, content);
        Sentences = [.. content.Split(". ", StringSplitOptions.RemoveEmptyEntries).Select(static sentence => sentence.TrimEnd('.') + ".")];
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 8));
    }

    /// <summary>Gets which text it is, for a report.</summary>
    public string Name { get; }

    /// <summary>Gets the text, white space folded.</summary>
    public string Content { get; }

    /// <summary>Gets the text split at full stops, each sentence with its own.</summary>
    public IReadOnlyList<string> Sentences { get; }

    /// <summary>
    /// Gets what tells this text from others: the first 8 bytes of the SHA-256 of <see cref="Content"/> as UTF-8, in lower-case hex.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>Loads a file; without a path, prose is made up.</summary>
    /// <param name="path">A text file.</param>
    /// <exception cref="ArgumentException">The file holds no text.</exception>
    /// <exception cref="IOException">There is no such file, or it is a folder.</exception>
    public static EvaluationText Load(string? path)
    {
        if (path is null)
            return new EvaluationText("made-up sentences", Invent());
        if (Directory.Exists(path))
            throw new IOException($"'{path}' is a folder; name a file.");
        string content = string.Join(' ', File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return content.Length > 0
            ? new EvaluationText(Path.GetFileName(path), content)
            : throw new ArgumentException($"There is no text in '{path}'.");
    }

    // Sentences that differ from one another, as prose does, so that a needle among them is not the only thing that stands out.
    private static string Invent()
    {
        Random random = new(1);
        StringBuilder text = new();
        for (int i = 0; i < InventedSentences; i++)
            text.Append(Any(Subjects)).Append(' ').Append(Any(Verbs)).Append(' ').Append(Any(Objects)).Append(' ').Append(Any(Places))
                .Append(". ");
        return text.ToString().TrimEnd();

        string Any(string[] words) => words[random.Next(words.Length)];
    }
}
