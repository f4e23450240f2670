namespace KvNorm.Grammars;

/// <summary>What an answer's text must look like: rules in llama.cpp's GBNF, of which "root" is the whole text.</summary>
/// <param name="Text">The rules.</param>
internal sealed record Grammar(string Text)
{
    /// <summary>The rule that every text follows.</summary>
    public const string Root = "root";

    /// <summary>
    /// Gets the marks of which the first one written starts the grammar, the mark included; until then the text is free. Empty: the grammar
    /// holds from the first token on.
    /// </summary>
    public IReadOnlyList<string> Triggers { get; init; } = [];

    /// <summary>Gets where the triggers do not count; null for nowhere.</summary>
    public TriggerPause? Pause { get; init; }

    /// <summary>
    /// Gets the control tokens that may be written where the rules have their text, such as a model's own mark of a tool call. The others
    /// are never sampled while the grammar holds.
    /// </summary>
    public IReadOnlyList<int> ControlTokens { get; init; } = [];
}
