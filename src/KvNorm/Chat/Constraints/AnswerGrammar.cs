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
    /// <param name="beginning">Where the answer begins.</param>
    /// <param name="report">Told of what cannot be read of the tools' schemas, which then allows anything.</param>
    /// <exception cref="ArgumentException">The answer's schema cannot be satisfied, or something is too large.</exception>
    public static Grammar? For(ChatRequest request, Dialect dialect, AnswerBeginning beginning, Action<string>? report = null)
    {
        if (request.WantsNoReasoning)
            beginning = beginning with { MayReason = false };
        ToolRequest tools = request.Tools;
        Grammar? grammar = tools.IsForced ? ToolGrammar.Forced(dialect.ToolCalls, tools, dialect.Reasoning, beginning, report)
            : request.Json is { } json ? Json(json, request, dialect, beginning, report)
            : tools.IsForbidden ? ToolGrammar.Forbidden(dialect.ToolCalls, beginning)
            : tools.Tools.Count > 0 ? ToolGrammar.Free(dialect.ToolCalls, tools, dialect.Reasoning, beginning, report)
            : null;
        return grammar is null ? null : grammar with { ControlTokens = [.. dialect.MarkTokens] };
    }

    // Where a tool may be called, the call stands in the place of the JSON. Its mark tells the two apart, or that it is written exactly as
    // a call (ToolCallFormat.Exact).
    private static Grammar Json(
        ChatResponseFormatJson json, ChatRequest request, Dialect dialect, AnswerBeginning beginning, Action<string>? report)
    {
        GrammarBuilder builder = new(closedObjects: true);
        string answer = json.Schema is { } schema ? builder.Schema("answer", schema, allRequired: true, unsaid: report) : builder.Object();
        answer = ToolGrammar.TextStart(dialect.ToolCalls, beginning) + ThoughtGrammar.AnswerStart(dialect.Reasoning) + answer;
        if (request.IsJsonOrCall && RepeatedCalls.Without(request.Tools, request.Messages) is { Tools.Count: > 0 } tools)
            answer = $"({ToolGrammar.Calls(builder, dialect.ToolCalls, tools, beginning.InCall, report)} | {answer})";
        return new Grammar(builder.Build(ThoughtGrammar.Before(builder, dialect.Reasoning, beginning) + answer));
    }
}
