using KvNorm.Chat.Constraints;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Dialects;

/// <summary>How a model writes calls and thoughts, which of its control tokens are marks of that, and what it may write.</summary>
internal sealed class AnswerFormat
{
    private readonly HashSet<int> _marks = [];

    /// <summary>Recognises the formats by the model's template.</summary>
    /// <param name="template">The source of the template; null for none.</param>
    /// <param name="specials">The special tokens with their texts.</param>
    public AnswerFormat(string? template, IEnumerable<(string Text, int Token)> specials)
    {
        Tools = ToolCallFormat.For(template);
        Reasoning = ReasoningFormat.For(template);
        RendersTools = ToolCallFormat.RendersTools(template);
        RendersCalls = ToolCallFormat.RendersCalls(template);
        string[] marks = [.. ToolGrammar.Marks(Tools, Reasoning)];
        _marks.UnionWith(specials.Where(special => marks.Any(mark => mark.Contains(special.Text, StringComparison.Ordinal))).Select(special => special.Token));
    }

    public ToolCallFormat Tools { get; }

    public ReasoningFormat? Reasoning { get; }

    /// <summary>Gets whether the template tells the model of tools.</summary>
    public bool RendersTools { get; }

    /// <summary>Gets whether the template reads the variable "tools".</summary>
    public bool TakesTools => RendersTools && !Tools.ToolsInSystem;

    /// <summary>Gets whether the template writes the calls of earlier answers.</summary>
    public bool RendersCalls { get; }

    /// <summary>Gets the key under which the template looks for the thoughts of a message.</summary>
    public string ReasoningKey => (Reasoning ?? ReasoningFormat.All[^1]).MessageKey;

    /// <summary>Whether a control token's text is read, rather than dropped.</summary>
    public bool IsMark(int token) => _marks.Contains(token);

    /// <summary>What the answer to a request must look like; null for any text.</summary>
    /// <param name="request">The request.</param>
    /// <param name="inThought">Whether the prompt opened a thought, which the model may think to its end.</param>
    /// <exception cref="ArgumentException">A schema cannot be satisfied, or is too large.</exception>
    public Grammar? Grammar(ChatRequest request, bool inThought)
    {
        string? thought = inThought ? Reasoning!.End : null;
        Grammar? grammar = request.Tools.IsForced ? ToolGrammar.Forced(Tools, request.Tools, thought)
            : request.Json is { } json ? JsonGrammar(json, request.Tools, thought)
            : request.Tools.IsForbidden ? ToolGrammar.Forbidden(Tools)
            : request.Tools.Tools.Count > 0 ? ToolGrammar.Lazy(Tools, request.Tools)
            : null;
        return grammar is null ? null : grammar with { ControlTokens = [.. _marks] };
    }

    // Where a call may be made it stands in the place of the JSON. Its mark tells the two apart, or that it is written exactly as a call (ToolCallFormat.Exact).
    private Grammar JsonGrammar(ChatResponseFormatJson format, ToolRequest tools, string? thought)
    {
        GrammarBuilder builder = new(closedObjects: true);
        string answer = format.Schema is { } schema ? builder.Schema("answer", schema) : $"({builder.Object()} | {builder.Array()})";
        if (tools is { IsForbidden: false, Tools.Count: > 0 })
            answer = $"({ToolGrammar.Calls(builder, Tools, tools)} | {answer})";
        return new Grammar(builder.Build(thought is null ? answer : $"{TextUntil.Define(builder, thought)} [\\n]{{0,2}} {answer}"));
    }
}
