using System.Net.ServerSentEvents;
using KvNorm.Server.Answers;
using KvNorm.Server.Api;
using KvNorm.Server.Conversations;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Completions;

/// <summary>POST /v1/chat/completions.</summary>
internal sealed class CompletionEndpoint(
    AnswerTurns turns, ApiEndpoint endpoint, IOptions<KvNormServerOptions> options, ILogger<CompletionEndpoint> logger)
{
    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        CompletionRequest request = await RequestBody
            .ReadAsync(context, CompletionJson.Wire.CompletionRequest, options.Value).ConfigureAwait(false);
        ChatMessage[] messages = MessageReader.Read(request.Messages);
        ChatOptions asked = OptionsReader.Read(request, FieldNames.Completions, options.Value, logger);
        string? name = ConversationName.Of(context, request.User);
        using AnswerTurn turn = await turns.BeginAsync(request.Model, name, context.RequestAborted).ConfigureAwait(false);
        ConversationName.Apply(name, asked, turn.Use.Model);
        CompletionWriter writer = new(turn.Use.Model.Name!);
        if (request.Stream != true)
        {
            ChatResponse response = await AnswerStream.GetAsync(turn, messages, asked).ConfigureAwait(false);
            ConversationName.Tell(context, response.AdditionalProperties);
            turn.End();
            await context.Response
                .WriteAsJsonAsync(writer.Write(response), CompletionJson.Wire.Completion, cancellationToken: turn.Abandoned)
                .ConfigureAwait(false);
            return;
        }

        bool includesUsage = request.StreamOptions?.IncludeUsage == true;
        AnswerStream answer = await AnswerStream.BeginAsync(turn, messages, asked, context.RequestAborted).ConfigureAwait(false);
        ConversationName.Tell(context, answer.First?.AdditionalProperties);
        await using (answer.ConfigureAwait(false))
            await EventStream.WriteAsync(context, EventsAsync(), turn.Abandoned).ConfigureAwait(false);

        async IAsyncEnumerable<SseItem<string>> EventsAsync()
        {
            await foreach (ChatResponseUpdate update in answer.ReadAsync().ConfigureAwait(false))
            {
                foreach (CompletionChunk chunk in writer.Write(update))
                    yield return EventStream.Json(chunk, CompletionJson.Wire.CompletionChunk);
            }

            turn.End();
            foreach (CompletionChunk chunk in answer.Last is { } last ? writer.Finish(last, includesUsage) : [])
                yield return EventStream.Json(chunk, CompletionJson.Wire.CompletionChunk);
            yield return answer.Failure is { } failure
                ? EventStream.Json(ErrorResponse.Of(endpoint.Explain(context, failure)), ErrorJson.Wire.ErrorResponse)
                : new SseItem<string>("[DONE]");
        }
    }
}
