using System.Diagnostics;
using System.Text.Json;
using KvNorm.Evaluation;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Bench;

/// <summary>What `kvnorm bench chat` measures.</summary>
/// <param name="FreeMsPerToken">A token of free text; median.</param>
/// <param name="GrammarMsPerToken">A token of JSON forced by a schema; median.</param>
/// <param name="GrammarCost">What the grammar adds, as a share of the free token.</param>
/// <param name="FirstTokenColdMs">To the first token of the answer to a history that the cache does not hold; median.</param>
/// <param name="FirstTokenWarmMs">The same when only the last message is new; median.</param>
/// <param name="FirstTokenWarmToCold">The warm one as a share of the cold one.</param>
/// <param name="FirstTokenHistoryTokens">Tokens of that history.</param>
internal sealed record ChatReport(
    double FreeMsPerToken,
    double GrammarMsPerToken,
    double GrammarCost,
    double FirstTokenColdMs,
    double FirstTokenWarmMs,
    double FirstTokenWarmToCold,
    int FirstTokenHistoryTokens);

/// <summary>What grammars and reuse cost or save.</summary>
internal static class ChatBench
{
    private const int Rounds = 8;
    private const int AnswerTokens = 96;
    private const int Cells = 2048;
    private const int HistoryTokens = 900;
    private const int CharactersPerToken = 4; // of English prose, about

    private static readonly JsonElement People = JsonElement.Parse(
        """{"type":"array","minItems":12,"items":{"type":"object","properties":{"name":{"type":"string"},"age":"""
        + """{"type":"integer","minimum":0,"maximum":120},"role":{"enum":["cook","pilot","nurse"]}},"required":["name","age","role"]}}""");

    public static ChatReport Run(BenchModel model, EvaluationText prose, Action<string> progress)
    {
        using KvNormChatClient client = KvNormChatClient.Create(model.Options(Cells));
        (double free, double forced) = Grammar(client);
        progress("chat: grammar measured");
        (double firstCold, double firstWarm, int history) = FirstToken(client, prose);
        return new ChatReport(free, forced, (forced / free) - 1, firstCold, firstWarm, firstWarm / firstCold, history);
    }

    private static (double Free, double Forced) Grammar(KvNormChatClient client)
    {
        List<double> free = [], forced = [];
        for (int round = 0; round < Rounds; round++)
        {
            free.Add(MsPerToken(null));
            forced.Add(MsPerToken(ChatResponseFormat.ForJsonSchema(People)));
        }

        return (Median.Of(free), Median.Of(forced));

        double MsPerToken(ChatResponseFormat? format)
        {
            ChatOptions answer = new() { Seed = 1, MaxOutputTokens = AnswerTokens, ResponseFormat = format };
            ChatMessage question = new(ChatRole.User, "Make up a long list of people with name, age and role.");
            ChatResponseUpdate last = client.GetStreamingResponseAsync([question], answer).ToBlockingEnumerable().Last();
            return (double)last.AdditionalProperties![KvNormUsage.DecodeMilliseconds]!
                / Math.Max(1, last.Contents.OfType<UsageContent>().Single().Details.OutputTokenCount ?? 0);
        }
    }

    private static (double ColdMs, double WarmMs, int Tokens) FirstToken(KvNormChatClient client, EvaluationText prose)
    {
        List<double> cold = [], warm = [];
        long tokens = 0;
        for (int round = 0; round < Rounds; round++)
        {
            // Another beginning each time: nothing of the round before can be used again.
            List<ChatMessage> messages = [new(ChatRole.User, $"{round}. {Text(prose, round * 5, HistoryTokens * CharactersPerToken)}")];
            (double first, ChatResponse answer) = Ask(messages);
            cold.Add(first);
            messages.AddRange(answer.Messages);
            messages.Add(new ChatMessage(ChatRole.User, "And what else?"));
            (first, answer) = Ask(messages);
            warm.Add(first);
            tokens = answer.Usage!.InputTokenCount ?? 0;
        }

        return (Median.Of(cold), Median.Of(warm), (int)tokens);

        (double FirstMs, ChatResponse Answer) Ask(List<ChatMessage> messages)
        {
            long start = Stopwatch.GetTimestamp();
            ChatResponse answer = client.GetResponseAsync(
                messages, new ChatOptions { Temperature = 0, MaxOutputTokens = 1 }).GetAwaiter().GetResult();
            return (Stopwatch.GetElapsedTime(start).TotalMilliseconds, answer);
        }
    }

    private static string Text(EvaluationText prose, int sentence, int characters) =>
        string.Join(' ', prose.Sentences.Skip(sentence).Take(1 + (characters / 20)))[..characters];
}
