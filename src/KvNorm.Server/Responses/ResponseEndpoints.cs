using System.Net.ServerSentEvents;
using KvNorm.Server.Answers;
using KvNorm.Server.Api;
using KvNorm.Server.Completions;
using KvNorm.Server.Conversations;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Responses;

/// <summary>/v1/responses: answers, and what is kept of them so that a later request can go on.</summary>
internal sealed class ResponseEndpoints(
    AnswerTurns turns,
    StoredResponses stored,
    ApiEndpoint endpoint,
    IOptions<KvNormServerOptions> options,
    ILogger<ResponseEndpoints> logger)
{
    /// <summary>POST: answers a request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        ResponseRequest request = await RequestBody
            .ReadAsync(context, ResponsesJson.Wire.ResponseRequest, options.Value.MaximumBodyBytes).ConfigureAwait(false);
        ResponseTurn response = Read(context, request);
        using AnswerTurn turn = await turns.BeginAsync(request.Model, context.RequestAborted).ConfigureAwait(false);
        ConversationName.Apply(response.Conversation, response.Options, turn.Use.Model);
        ResponseWriter writer = new(response.Id, turn.Use.Model.Name!, request);
        if (request.Stream != true)
        {
            ChatResponse answer = await AnswerStream.GetAsync(turn, response.Messages, response.Options).ConfigureAwait(false);
            IEnumerable<AIContent> contents = answer.Messages.SelectMany(static message => message.Contents);
            foreach (ResponseEvent _ in contents.Concat(Usage(answer)).SelectMany(writer.Write).Concat(writer.Finish(answer.FinishReason)))
            {
                // A whole answer has no events.
            }

            Keep(turn, response, writer.Response, answer);
            await context.Response.WriteAsJsonAsync(writer.Response, ResponsesJson.Wire.ResponseObject, cancellationToken: turn.Abandoned)
                .ConfigureAwait(false);
            return;
        }

        AnswerStream stream = await AnswerStream.BeginAsync(turn, response.Messages, response.Options, context.RequestAborted)
            .ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            IAsyncEnumerable<SseItem<string>> events = EventsAsync(context, turn, stream, writer, response);
            await EventStream.WriteAsync(context, events, turn.Abandoned).ConfigureAwait(false);
        }
    }

    /// <summary>GET: a response that is kept.</summary>
    public Task ShowAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(Find(Id(context), "id").Response, ResponsesJson.Wire.ResponseObject);

    /// <summary>DELETE: forgets a response.</summary>
    public Task RemoveAsync(HttpContext context)
    {
        string id = Id(context);
        return stored.Remove(id)
            ? context.Response.WriteAsJsonAsync(new DeletedResponse(id, true), ResponsesJson.Wire.DeletedResponse)
            : throw NotFound(id, "id");
    }

    private async IAsyncEnumerable<SseItem<string>> EventsAsync(
        HttpContext context, AnswerTurn turn, AnswerStream stream, ResponseWriter writer, ResponseTurn response)
    {
        List<ChatResponseUpdate> updates = [];
        foreach (ResponseEvent one in writer.Begin())
            yield return Item(one);
        await foreach (ChatResponseUpdate update in stream.ReadAsync().ConfigureAwait(false))
        {
            updates.Add(update);
            foreach (ResponseEvent one in update.Contents.SelectMany(writer.Write))
                yield return Item(one);
        }

        ChatResponse answer = updates.ToChatResponse();
        ResponseEvent[] end = stream.Failure is { } failure
            ? [.. writer.Fail(endpoint.Explain(context, failure))]
            : [.. writer.Finish(answer.FinishReason)];
        if (stream.Failure is null)
            Keep(turn, response, writer.Response, answer); // before its end is told: the next request may come at once
        foreach (ResponseEvent one in end)
            yield return Item(one);
    }

    private ResponseTurn Read(HttpContext context, ResponseRequest request)
    {
        List<ChatMessage> messages = InputReader.Read(request.Input, options.Value.MaximumMessages);
        ChatOptions asked = OptionsReader.Read(request.ToSettings(), FieldNames.Responses, options.Value, logger);
        asked.Instructions = request.Instructions;
        StoredResponse? previous = request.PreviousResponseId is { } before ? Find(before, "previous_response_id") : null;
        string id = $"resp_{Guid.NewGuid():N}";
        bool isKept = request.Store ?? true;
        string? name = ConversationName.Of(context, request.User) ?? previous?.Conversation ?? (isKept ? id : null);
        return new ResponseTurn(id, name, [.. previous?.Messages ?? [], .. messages], asked, isKept, StoredResponse.LengthOf(messages));
    }

    private void Keep(AnswerTurn turn, ResponseTurn response, ResponseObject written, ChatResponse answer)
    {
        turn.Use.Model.Log.Add(response.Conversation, answer.Usage);
        if (response.IsKept)
        {
            stored.Add(new StoredResponse(
                written,
                response.Conversation!,
                [.. response.Messages, .. answer.Messages],
                response.NewLength + StoredResponse.LengthOf(answer.Messages)));
        }
    }

    private StoredResponse Find(string id, string field) => stored.Find(id) ?? throw NotFound(id, field);

    private static ApiException NotFound(string id, string field)
    {
        string shown = id.Length > 64 ? id[..64] : id;
        return ApiException.NotFound(
            "response_not_found", $"There is no response '{shown}': it was not stored, or too many came after it.", field);
    }

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static IEnumerable<AIContent> Usage(ChatResponse answer) => answer.Usage is { } usage ? [new UsageContent(usage)] : [];

    private static SseItem<string> Item(ResponseEvent one) => EventStream.Json(one, ResponsesJson.Wire.ResponseEvent, one.Type);
}
