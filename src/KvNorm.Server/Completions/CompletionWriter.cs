using Microsoft.Extensions.AI;

namespace KvNorm.Server.Completions;

/// <summary>Writes an answer in OpenAI's shape, whole or piece by piece.</summary>
/// <param name="model">The model's name.</param>
internal sealed class CompletionWriter(string model)
{
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private int _calls;
    private bool _begun;

    /// <summary>A whole answer.</summary>
    public Completion Write(ChatResponse response)
    {
        AIContent[] contents = [.. response.Messages.SelectMany(static message => message.Contents)];
        ToolCall[] calls = [.. contents.OfType<FunctionCallContent>().Select(call => Write(call, index: null))];
        string text = Text(contents.OfType<TextContent>().Select(static part => part.Text));
        string reasoning = Text(contents.OfType<TextReasoningContent>().Select(static part => part.Text));
        AnswerMessage message = new(
            "assistant",
            text.Length == 0 && calls.Length > 0 ? null : text,
            reasoning.Length == 0 ? null : reasoning,
            calls.Length == 0 ? null : calls);
        return new Completion(
            _id, _created, model, [new CompletionChoice(0, message, Reason(response.FinishReason))], Usage(response.Usage));
    }

    /// <summary>The pieces that an update comes to.</summary>
    public IEnumerable<CompletionChunk> Write(ChatResponseUpdate update)
    {
        foreach (AIContent content in update.Contents)
        {
            if (Delta(content) is not { } delta)
                continue;
            yield return Chunk(_begun ? delta : delta with { Role = "assistant" });
            _begun = true;
        }
    }

    /// <summary>The pieces that end an answer.</summary>
    /// <param name="last">The last update.</param>
    /// <param name="includesUsage">Whether the client wants to know the tokens.</param>
    public IEnumerable<CompletionChunk> Finish(ChatResponseUpdate last, bool includesUsage)
    {
        foreach (CompletionChunk chunk in Write(last))
            yield return chunk;
        yield return Chunk(_begun ? new AnswerDelta() : new AnswerDelta("assistant", ""), Reason(last.FinishReason));
        if (includesUsage && last.Contents.OfType<UsageContent>().SingleOrDefault() is { } usage)
            yield return new CompletionChunk(_id, _created, model, [], Usage(usage.Details));
    }

    private AnswerDelta? Delta(AIContent content) => content switch
    {
        TextContent text => new AnswerDelta(Content: text.Text),
        TextReasoningContent reasoning => new AnswerDelta(ReasoningContent: reasoning.Text),
        FunctionCallContent call => new AnswerDelta(ToolCalls: [Write(call, _calls++)]),
        _ => null,
    };

    private CompletionChunk Chunk(AnswerDelta delta, string? reason = null) =>
        new(_id, _created, model, [new ChunkChoice(0, delta, reason)]);

    private static ToolCall Write(FunctionCallContent call, int? index) =>
        new(index, call.CallId, "function", new CalledFunction(call.Name, CallArguments.Write(call)));

    private static string Text(IEnumerable<string?> parts) => string.Concat(parts);

    private static string Reason(ChatFinishReason? reason) => reason?.Value ?? "stop";

    private static CompletionUsage? Usage(UsageDetails? usage) => usage is null ? null : new CompletionUsage(
        usage.InputTokenCount ?? 0,
        usage.OutputTokenCount ?? 0,
        usage.TotalTokenCount ?? 0,
        new PromptTokensDetails(usage.CachedInputTokenCount ?? 0),
        new CompletionTokensDetails(usage.ReasoningTokenCount ?? 0));
}
