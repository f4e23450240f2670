using System.Text;
using KvNorm.Server.Api;
using KvNorm.Server.Completions;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Responses;

/// <summary>
/// Writes an answer as a response: its contents become items, with an event for each step. A response that is not streamed is written the
/// same way, and its events are dropped.
/// </summary>
internal sealed class ResponseWriter
{
    private readonly StringBuilder _text = new();
    private readonly List<OutputItem> _output = [];
    private ResponseObject _response;
    private OutputItem? _open; // the message or reasoning that further text goes to
    private int _events;

    /// <summary>Begins a response.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="request">What was asked.</param>
    public ResponseWriter(string id, string model, ResponseRequest request) => _response = new ResponseObject
    {
        Id = id,
        CreatedAt = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        Status = "in_progress",
        Model = model,
        Output = [],
        Instructions = request.Instructions,
        MaxOutputTokens = request.MaxOutputTokens,
        PreviousResponseId = request.PreviousResponseId,
        Temperature = request.Temperature,
        TopP = request.TopP,
        Store = request.Store ?? true,
        ParallelToolCalls = request.ParallelToolCalls ?? true,
        ToolChoice = request.ToolChoice ?? new ToolChoice("auto", null),
        Tools = request.Tools ?? [],
    };

    /// <summary>Gets the response so far.</summary>
    public ResponseObject Response => _response with { Output = [.. _output] };

    /// <summary>It has begun.</summary>
    public IEnumerable<ResponseEvent> Begin()
    {
        yield return Event("response.created") with { Response = Response };
        yield return Event("response.in_progress") with { Response = Response };
    }

    /// <summary>More of the answer.</summary>
    public IEnumerable<ResponseEvent> Write(AIContent content) => content switch
    {
        TextContent text => Append("message", text.Text),
        TextReasoningContent reasoning => Append("reasoning", reasoning.Text),
        FunctionCallContent call => [.. Close(), .. Call(call)],
        UsageContent usage => Count(usage.Details),
        _ => [],
    };

    /// <summary>The answer is complete.</summary>
    /// <param name="reason">Why it ended.</param>
    public IEnumerable<ResponseEvent> Finish(ChatFinishReason? reason)
    {
        bool isCut = reason == ChatFinishReason.Length;
        return End(isCut ? "incomplete" : "completed", isCut ? new IncompleteDetails("max_output_tokens") : null, null);
    }

    /// <summary>The answer was broken off.</summary>
    public IEnumerable<ResponseEvent> Fail(ApiException failure) => End("failed", null, new ResponseError(failure.Code, failure.Message));

    private IEnumerable<ResponseEvent> Append(string type, string text)
    {
        if (_open?.Type != type)
        {
            foreach (ResponseEvent one in (IEnumerable<ResponseEvent>)[.. Close(), .. Open(type)])
                yield return one;
        }

        _text.Append(text);
        yield return Event(type == "message" ? "response.output_text.delta" : "response.reasoning_text.delta") with
        {
            OutputIndex = _output.Count, ItemId = _open!.Id, ContentIndex = 0, Delta = text,
        };
    }

    private IEnumerable<ResponseEvent> Open(string type)
    {
        bool isMessage = type == "message";
        _open = new OutputItem(NewId(isMessage ? "msg" : "rs"), type, "in_progress")
        {
            Role = isMessage ? "assistant" : null, Content = [], Summary = isMessage ? null : [],
        };
        yield return Event("response.output_item.added") with { OutputIndex = _output.Count, Item = _open };
        yield return PartEvent("response.content_part.added", Part());
    }

    private IEnumerable<ResponseEvent> Close(string status = "completed")
    {
        if (_open is null)
            yield break;
        OutputPart part = Part();
        OutputItem done = _open with { Status = status, Content = [part] };
        string text = _open.Type == "message" ? "response.output_text.done" : "response.reasoning_text.done";
        yield return Event(text) with { OutputIndex = _output.Count, ItemId = done.Id, ContentIndex = 0, Text = part.Text };
        yield return PartEvent("response.content_part.done", part);
        yield return Event("response.output_item.done") with { OutputIndex = _output.Count, Item = done };
        _output.Add(done);
        _text.Clear();
        _open = null;
    }

    private IEnumerable<ResponseEvent> Call(FunctionCallContent call)
    {
        string arguments = CallArguments.Write(call);
        OutputItem begun = new(NewId("fc"), "function_call", "in_progress") { CallId = call.CallId, Name = call.Name, Arguments = "" };
        OutputItem done = begun with { Status = "completed", Arguments = arguments };
        int index = _output.Count;
        yield return Event("response.output_item.added") with { OutputIndex = index, Item = begun };
        yield return Event("response.function_call_arguments.delta") with { OutputIndex = index, ItemId = done.Id, Delta = arguments };
        yield return Event("response.function_call_arguments.done") with
        {
            OutputIndex = index, ItemId = done.Id, Name = call.Name, Arguments = arguments,
        };
        yield return Event("response.output_item.done") with { OutputIndex = index, Item = done };
        _output.Add(done);
    }

    private IEnumerable<ResponseEvent> Count(UsageDetails usage)
    {
        _response = _response with
        {
            Usage = new ResponseUsage(
                usage.InputTokenCount ?? 0,
                new InputTokensDetails(usage.CachedInputTokenCount ?? 0),
                usage.OutputTokenCount ?? 0,
                new OutputTokensDetails(usage.ReasoningTokenCount ?? 0),
                usage.TotalTokenCount ?? 0),
        };
        return [];
    }

    private IEnumerable<ResponseEvent> End(string status, IncompleteDetails? details, ResponseError? error)
    {
        foreach (ResponseEvent one in Close(status == "completed" ? status : "incomplete"))
            yield return one;
        _response = _response with { Status = status, IncompleteDetails = details, Error = error };
        yield return Event($"response.{status}") with { Response = Response };
    }

    private ResponseEvent Event(string type) => new(type, _events++);

    private ResponseEvent PartEvent(string type, OutputPart part) =>
        Event(type) with { OutputIndex = _output.Count, ItemId = _open!.Id, ContentIndex = 0, Part = part };

    private OutputPart Part() => new(_open!.Type == "message" ? "output_text" : "reasoning_text", _text.ToString());

    private static string NewId(string kind) => $"{kind}_{Guid.NewGuid():N}";
}
