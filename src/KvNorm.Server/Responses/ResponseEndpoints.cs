using System.Net.ServerSentEvents;
using KvNorm.Server.Answers;
using KvNorm.Server.Api;
using KvNorm.Server.Completions;
using KvNorm.Server.Conversations;
using KvNorm.Server.Models;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Responses;

/// <summary>/v1/responses: answers, and what is kept of them so that a later request can go on.</summary>
internal sealed class ResponseEndpoints(
    AnswerTurns turns,
    StoredResponses stored,
    ServedModels models,
    ApiEndpoint endpoint,
    IOptions<KvNormServerOptions> options,
    ILogger<ResponseEndpoints> logger)
{
    /// <summary>POST: answers a request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        ResponseRequest request = await RequestBody
            .ReadAsync(context, ResponsesJson.Wire.ResponseRequest, options.Value).ConfigureAwait(false);
        ResponseTurn response = Read(context, request);
        using AnswerTurn turn = await turns.BeginAsync(request.Model, response.Conversation, context.RequestAborted).ConfigureAwait(false);
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

            Keep(response, writer.Response, answer);
            ConversationName.Tell(context, answer.AdditionalProperties);
            turn.End();
            await context.Response.WriteAsJsonAsync(writer.Response, ResponsesJson.Wire.ResponseObject, cancellationToken: turn.Abandoned)
                .ConfigureAwait(false);
            return;
        }

        AnswerStream stream = await AnswerStream.BeginAsync(turn, response.Messages, response.Options, context.RequestAborted)
            .ConfigureAwait(false);
        ConversationName.Tell(context, stream.First?.AdditionalProperties);
        await using (stream.ConfigureAwait(false))
        {
            IAsyncEnumerable<SseItem<string>> events = EventsAsync(context, turn, stream, writer, response);
            await EventStream.WriteAsync(context, events, turn.Abandoned).ConfigureAwait(false);
        }
    }

    /// <summary>GET: a response that is kept.</summary>
    public Task ShowAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(Find(Id(context), "id").Response, ResponsesJson.Wire.ResponseObject);

    /// <summary>DELETE: forgets a response, and with the last one of a conversation what the model remembers of it.</summary>
    public Task RemoveAsync(HttpContext context)
    {
        string id = Id(context);
        StoredResponse removed = stored.Remove(id) ?? throw NotFound(id, "id");
        if (!stored.Has(removed.Conversation))
            models.Forget(removed.Response.Model, removed.Conversation);
        return context.Response.WriteAsJsonAsync(new DeletedResponse(id, true), ResponsesJson.Wire.DeletedResponse);
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

        ResponseEvent[] end;
        if (stream.Last is { } last)
        {
            end = [.. last.Contents.SelectMany(writer.Write), .. writer.Finish(last.FinishReason)];
            // Before its end is told: the next request may come at once.
            Keep(response, writer.Response, updates.Append(last).ToChatResponse());
        }
        else
        {
            end = [.. writer.Fail(endpoint.Explain(context, stream.Failure!))];
        }

        turn.End();
        foreach (ResponseEvent one in end)
            yield return Item(one);
    }

    private ResponseTurn Read(HttpContext context, ResponseRequest request)
    {
        List<ChatMessage> messages = InputReader.Read(request.Input);
        ChatOptions asked = OptionsReader.Read(request.ToSettings(), FieldNames.Responses, options.Value, logger);
        asked.Instructions = request.Instructions;
        StoredResponse? previous = request.PreviousResponseId is { } before ? Find(before, "previous_response_id") : null;
        string id = $"resp_{Guid.NewGuid():N}";
        bool isKept = request.Store ?? true;
        string? name = ConversationName.Of(context, request.User) ?? previous?.Conversation ?? (isKept ? id : null);
        List<ChatMessage> all = AssistantTurns.Join([.. previous?.Messages ?? [], .. messages]);
        RequireBounded(all);
        return new ResponseTurn(id, name, all, asked, isKept, StoredResponse.LengthOf(request));
    }

    private void RequireBounded(List<ChatMessage> messages)
    {
        const string field = "previous_response_id"; // the request's own part is within bounds
        if (messages.Count > options.Value.MaximumMessages)
            throw ApiException.TooMany(field, options.Value.MaximumMessages);
        if (StoredResponse.LengthOf(messages) > StoredResponses.MaximumLength)
            throw ApiException.Invalid(field, "has a conversation that is longer than this server keeps.", "string_above_max_length");
    }

    private void Keep(ResponseTurn response, ResponseObject written, ChatResponse answer)
    {
        if (response.IsKept)
        {
            List<ChatMessage> messages = AssistantTurns.Join([.. response.Messages, .. answer.Messages]);
            long length = response.RequestLength + StoredResponse.LengthOf(messages)
                + StoredResponse.LengthOf(answer.Messages); // which stand in the response, too
            stored.Add(new StoredResponse(written, response.Conversation!, messages, length));
        }
    }

    private StoredResponse Find(string id, string field) => stored.Find(id) ?? throw NotFound(id, field);

    private static ApiException NotFound(string id, string field) => ApiException.NotFound(
        "response_not_found", $"There is no response '{id}': it was not stored, or too many came after it.", field);

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static IEnumerable<AIContent> Usage(ChatResponse answer) => answer.Usage is { } usage ? [new UsageContent(usage)] : [];

    private static SseItem<string> Item(ResponseEvent one) => EventStream.Json(one, ResponsesJson.Wire.ResponseEvent, one.Type);
}
