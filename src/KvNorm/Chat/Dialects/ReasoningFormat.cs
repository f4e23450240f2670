namespace KvNorm.Chat.Dialects;

/// <summary>The marks between which a family of models reasons.</summary>
/// <param name="Start">What opens a reasoning.</param>
/// <param name="End">What closes it.</param>
/// <param name="Signs">What the source of a template of this format holds.</param>
internal sealed record ReasoningFormat(string Start, string End, params IReadOnlyList<string> Signs)
{
    /// <summary>The table. A template belongs to the first row that fits it.</summary>
    public static readonly IReadOnlyList<ReasoningFormat> All =
    [
        new("<|channel|>analysis<|message|>", "<|end|>", "<|channel|>analysis")
        {
            Silent = ["<|start|>assistant", "<|channel|>final<|message|>", "<|channel|>commentary<|message|>", "<|return|>"],
            MessageKey = "thinking",
        },
        new("<|channel>thought", "<channel|>", "<|channel>thought"),
        new("<|START_THINKING|>", "<|END_THINKING|>", "<|START_THINKING|>") { Silent = ["<|START_RESPONSE|>", "<|END_RESPONSE|>"] },
        new("[THINK]", "[/THINK]", "[THINK]"),
        new("<seed:think>", "</seed:think>", "<seed:think>"),
        new("<think>", "</think>", "<think></think>", "<response></response>") { Silent = ["<response>", "</response>"] },
        new("<think>", "</think>", "</think>"),
    ];

    /// <summary>Gets further marks that end a reasoning and mean nothing outside one; they are never shown.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>Gets every mark of the format.</summary>
    public IEnumerable<string> Marks => [Start, End, .. Silent];

    /// <summary>Gets the key under which the template looks for the reasoning of a message.</summary>
    public string MessageKey { get; init; } = "reasoning_content";

    /// <summary>The format of the models whose chat template this is; null when they do not reason aloud.</summary>
    public static ReasoningFormat? For(string? template) =>
        template is null ? null : All.FirstOrDefault(row => row.Signs.All(sign => template.Contains(sign, StringComparison.Ordinal)));

    /// <summary>Whether a prompt has opened a reasoning already, so that the answer begins inside it.</summary>
    /// <param name="promptTail">The end of the prompt, at least as long as the mark and the white space after it.</param>
    public bool IsOpen(string promptTail) => promptTail.AsSpan().TrimEnd().EndsWith(Start, StringComparison.Ordinal);
}
