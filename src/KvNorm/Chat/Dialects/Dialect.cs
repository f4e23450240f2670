namespace KvNorm.Chat.Dialects;

/// <summary>
/// How a model writes tool calls and reasoning, recognised by its chat template, and which of its control tokens are marks of that.
/// </summary>
internal sealed class Dialect
{
    private readonly HashSet<int> _markTokens;

    /// <summary>Recognises the dialect.</summary>
    /// <param name="template">The source of the chat template; null for none.</param>
    /// <param name="specials">The model's special tokens with their texts.</param>
    public Dialect(string? template, IEnumerable<(string Text, int Token)> specials)
    {
        ToolCalls = ToolCallFormat.For(template);
        Reasoning = ReasoningFormat.For(template);
        RendersTools = ToolCallFormat.RendersTools(template);
        RendersCalls = ToolCallFormat.RendersCalls(template);
        Marks = [.. ToolCalls.Marks.Concat(Reasoning?.Marks ?? []).Where(static mark => mark.Length > 1).Distinct(StringComparer.Ordinal)];
        _markTokens = [.. specials.Where(special => IsInMark(special.Text)).Select(static special => special.Token)];
    }

    public ToolCallFormat ToolCalls { get; }

    /// <summary>Gets how the model reasons; null when it does not do so aloud.</summary>
    public ReasoningFormat? Reasoning { get; }

    /// <summary>Gets whether the template tells the model of tools.</summary>
    public bool RendersTools { get; }

    /// <summary>Gets whether the template reads the variable "tools".</summary>
    public bool TakesTools => RendersTools && !ToolCalls.ToolsInSystem;

    /// <summary>Gets whether the template writes the tool calls of earlier answers.</summary>
    public bool RendersCalls { get; }

    /// <summary>Gets the key under which the template looks for the reasoning of a message.</summary>
    public string ReasoningKey => (Reasoning ?? ReasoningFormat.All[^1]).MessageKey;

    /// <summary>Gets the marks, which may consist of control tokens of the model.</summary>
    public IReadOnlyList<string> Marks { get; }

    /// <summary>Gets the control tokens that marks consist of: a grammar has to allow them, and the parser has to see their text.</summary>
    public IReadOnlyCollection<int> MarkTokens => _markTokens;

    /// <summary>Where an answer begins.</summary>
    /// <param name="promptTail">The end of the prompt that the template itself wrote, at least as long as the longest mark.</param>
    public AnswerBeginning Beginning(string promptTail)
    {
        bool isOpen = Reasoning?.IsOpen(promptTail) == true;
        bool isCall = ToolCalls.Start.Length > 0 && promptTail.AsSpan().TrimEnd().EndsWith(ToolCalls.Start, StringComparison.Ordinal);
        return new AnswerBeginning(isOpen, !isOpen && Reasoning?.IsClosed(promptTail) == false, isCall);
    }

    /// <summary>Whether a control token's text is read, rather than dropped.</summary>
    public bool IsMark(int token) => _markTokens.Contains(token);

    private bool IsInMark(string special) => Marks.Any(mark => mark.Contains(special, StringComparison.Ordinal));
}
