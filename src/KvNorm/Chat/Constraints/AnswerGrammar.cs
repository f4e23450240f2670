using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>What an answer must look like: tool calls, JSON, or either.</summary>
internal static class AnswerGrammar
{
    /// <summary>The grammar of the answer to a request; null for any text.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="dialect">How the model writes tool calls and reasoning.</param>
    /// <param name="inReasoning">Whether the prompt opened a reasoning, which the model may bring to its end first.</param>
    /// <param name="report">Told of what cannot be read of the tools' schemas, which then allows anything.</param>
    /// <exception cref="ArgumentException">The answer's schema cannot be satisfied, or something is too large.</exception>
    public static Grammar? For(ChatRequest request, Dialect dialect, bool inReasoning, Action<string>? report = null)
    {
        ToolRequest open = RepeatedCalls.Without(request.Tools, request.Messages);
        string? reasoningEnd = inReasoning ? dialect.Reasoning!.End : null;
        Grammar? grammar = request.Tools.IsForced ? ToolGrammar.Forced(dialect.ToolCalls, request.Tools, reasoningEnd, report)
            : request.Json is { } json ? Json(json, open, dialect.ToolCalls, reasoningEnd, report)
            : request.Tools.IsForbidden ? ToolGrammar.Forbidden(dialect.ToolCalls)
            : request.Tools.Tools.Count > 0 ? ToolGrammar.Lazy(dialect.ToolCalls, request.Tools, report)
            : null;
        return grammar is null ? null : grammar with { ControlTokens = [.. dialect.MarkTokens] };
    }

    // Where a tool may be called, the call stands in the place of the JSON. Its mark tells the two apart, or that it is written exactly as
    // a call (ToolCallFormat.Exact).
    private static Grammar Json(
        ChatResponseFormatJson json, ToolRequest tools, ToolCallFormat format, string? reasoningEnd, Action<string>? report)
    {
        GrammarBuilder builder = new(closedObjects: true);
        string answer = json.Schema is { } schema ? builder.Schema("answer", schema, allRequired: true) : builder.Object();
        if (tools is { IsForbidden: false, Tools.Count: > 0 })
            answer = $"({ToolGrammar.Calls(builder, format, tools, report)} | {answer})";
        if (reasoningEnd is not null)
            answer = $"{TextUntil.Define(builder, reasoningEnd)} [\\n]{{0,2}} {answer}";
        return new Grammar(builder.Build(answer));
    }
}
