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
            AfterEnd = "<|start|>assistant",
            AnswerStarts = ["<|channel|>final<|message|>", "<|channel|>final <|constrain|>json<|message|>"],
            Silent =
            [
                "<|start|>assistant", "<|channel|>commentary<|message|>", "<|return|>",
                "<|channel|>final json<|message|>", "<|channel|>final<|constrain|>json<|message|>",
                "<|channel|>commentary <|constrain|>json<|message|>", "<|channel|>commentary json<|message|>",
            ],
            MessageKey = "thinking",
        },
        new("<|think|>", "<|end|>", "<|think|>", "<|content|>", "<|tool_calls|>")
        {
            AfterEnd = "<|begin|>assistant",
            AnswerStarts = ["<|content|>"],
            Silent = ["<|begin|>assistant"],
            MessageKey = "reasoning",
        },
        new("<|channel>thought", "<channel|>", "<|channel>thought"),
        new("<|START_THINKING|>", "<|END_THINKING|>", "<|START_THINKING|>")
        {
            AnswerStarts = ["<|START_RESPONSE|>"],
            Silent = ["<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"],
        },
        new("<|inner_prefix|>", "<|inner_suffix|>", "<|inner_prefix|>"),
        new("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]", "[BEGIN FINAL RESPONSE]")
        {
            Silent = ["[END FINAL RESPONSE]"],
        },
        new("<mm:think>", "</mm:think>", "<mm:think>"),
        new("[THINK]", "[/THINK]", "[THINK]"),
        new("<seed:think>", "</seed:think>", "<seed:think>"),
        new("<think>", "</think>", "<think></think>", "<response></response>")
        {
            AnswerStarts = ["<response>"],
            Silent = ["</response>"],
        },
        new("<think>", "</think>", "</think>", "message.thinking is defined") { MessageKey = "thinking" },
        new("<think>", "</think>", "</think>"),
    ];

    /// <summary>Gets what stands between the end of a reasoning and what follows it.</summary>
    public string AfterEnd { get; init; } = "";

    /// <summary>Gets the marks of which one stands before the text of an answer.</summary>
    public IReadOnlyList<string> AnswerStarts { get; init; } = [];

    /// <summary>Gets further marks that end a reasoning and mean nothing outside one; they are never shown.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>Gets the marks that end a reasoning when they stand in one, beside its own, and are never shown.</summary>
    public IEnumerable<string> Others => AnswerStarts.Concat(Silent);

    /// <summary>Gets every mark of the format.</summary>
    public IEnumerable<string> Marks => [Start, End, .. Others];

    /// <summary>Gets the key under which the template looks for the reasoning of a message.</summary>
    public string MessageKey { get; init; } = "reasoning_content";

    /// <summary>The format of the models whose chat template this is; null when they do not reason aloud.</summary>
    public static ReasoningFormat? For(string? template) =>
        template is null ? null : All.FirstOrDefault(row => row.Signs.All(sign => template.Contains(sign, StringComparison.Ordinal)));

    /// <summary>Whether a prompt has opened a reasoning already, so that the answer begins inside it.</summary>
    /// <param name="promptTail">The end of the prompt, at least as long as the mark and the white space after it.</param>
    public bool IsOpen(string promptTail) => promptTail.AsSpan().TrimEnd().EndsWith(Start, StringComparison.Ordinal);

    /// <summary>Whether a prompt has brought the reasoning to its end already, so that the answer has none.</summary>
    /// <param name="promptTail">The end of the prompt that the template itself wrote.</param>
    public bool IsClosed(string promptTail)
    {
        ReadOnlySpan<char> tail = promptTail.AsSpan().TrimEnd();
        int start = tail.LastIndexOf(Start, StringComparison.Ordinal);
        return tail.EndsWith(End, StringComparison.Ordinal) || (start >= 0 && tail[start..].Contains(End, StringComparison.Ordinal));
    }
}
