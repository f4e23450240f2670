namespace KvNorm.Cli.Bench;

/// <summary>Turns of a conversation as tokens, in ChatML.</summary>
internal sealed class ChatMl(KvCacheSession session)
{
    /// <summary>A whole message.</summary>
    public int[] Turn(string role, string content) =>
        [.. Begin($"{role}\n{content}"), Marker("<|im_end|>"), .. session.Tokenize("\n")];

    /// <summary>A question, and the beginning of its answer.</summary>
    public int[] Question(string question, string begun) => [.. Turn("user", question), .. Begin($"assistant\n{begun}")];

    private int[] Begin(string text) => [Marker("<|im_start|>"), .. session.Tokenize(text)];

    private int Marker(string marker) =>
        session.FindSpecialToken(marker)
        ?? throw new NotSupportedException($"The conversations are in ChatML, and this model has no '{marker}'.");
}
