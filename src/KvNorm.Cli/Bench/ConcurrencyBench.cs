using System.Diagnostics;
using KvNorm.Evaluation;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Bench;

/// <summary>What `kvnorm bench concurrency` measures.</summary>
/// <param name="Conversations">Conversations.</param>
/// <param name="AloneTokensPerSecond">One after another, through the client, prompts held; median.</param>
/// <param name="TogetherTokensPerSecond">All at once; median.</param>
/// <param name="TogetherToAlone">Speed of all at once as a share of one after another.</param>
/// <param name="BareTogetherToAlone">
/// The same with nothing but llama_decode and the greedy sampler: what batches of this size can gain with this model on this machine.
/// </param>
/// <param name="SharedPromptTokens">Tokens of a system prompt that two conversations begin with at the same time.</param>
/// <param name="SharedTokensRead">Tokens read for both.</param>
internal sealed record ConcurrencyReport(
    int Conversations,
    double AloneTokensPerSecond,
    double TogetherTokensPerSecond,
    double TogetherToAlone,
    double BareTogetherToAlone,
    int SharedPromptTokens,
    long SharedTokensRead);

/// <summary>Four conversations at once against the same four one after another, in turns in one process, since machines drift.</summary>
internal static class ConcurrencyBench
{
    private const int Conversations = 4;
    private const int CellsEach = 512;
    private const int Rounds = 9; // the first, which fills the caches, is not counted
    private const int AnswerTokens = 64;
    private const int BarePosition = 64;

    private static readonly string[] Tales = ["a lighthouse", "a lost dog", "an old clock", "a night train"];

    public static ConcurrencyReport Run(BenchModel model, EvaluationText text, Action<string> progress)
    {
        KvNormChatOptions options = model.Options(CellsEach * Conversations);
        options.Slots = Conversations;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        List<double> alone = [], together = [];
        for (int round = 0; round < Rounds; round++)
        {
            alone.Add(TokensPerSecond(Tales.Select(tale => (Func<Task<ChatResponse>>)(() => AnswerAsync(client, tale))), atOnce: false));
            together.Add(TokensPerSecond(Tales.Select(tale => (Func<Task<ChatResponse>>)(() => AnswerAsync(client, tale))), atOnce: true));
            progress($"concurrency: round {round + 1} of {Rounds}");
        }

        double ratio = Median.Of(together.Skip(1)) / Median.Of(alone.Skip(1));
        (int prompt, long read) = ShareASystemPrompt(client, text);
        return new ConcurrencyReport(
            Conversations, Median.Of(alone.Skip(1)), Median.Of(together.Skip(1)), ratio, Bare(model), prompt, read);
    }

    private static double TokensPerSecond(IEnumerable<Func<Task<ChatResponse>>> calls, bool atOnce)
    {
        long start = Stopwatch.GetTimestamp();
        ChatResponse[] responses = atOnce
            ? Task.WhenAll(calls.Select(call => call())).GetAwaiter().GetResult()
            : [.. calls.Select(call => call().GetAwaiter().GetResult())];
        return responses.Sum(response => response.Usage!.OutputTokenCount ?? 0) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static Task<ChatResponse> AnswerAsync(KvNormChatClient client, string tale) =>
        client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, $"Tell me a very long story about {tale}.")],
            new ChatOptions { Temperature = 0, MaxOutputTokens = AnswerTokens });

    private static (int Prompt, long Read) ShareASystemPrompt(KvNormChatClient client, EvaluationText text)
    {
        ChatOptions options =
            new() { Instructions = $"You know this story: {text.Content.AsSpan(0, 600)}", Temperature = 0, MaxOutputTokens = 1 };
        long before = client.Statistics.TokensSeen;
        ChatResponse[] both = Task.WhenAll(
            client.GetResponseAsync([new ChatMessage(ChatRole.User, "Who is it about?")], options),
            client.GetResponseAsync([new ChatMessage(ChatRole.User, "Where does it happen?")], options)).GetAwaiter().GetResult();
        return ((int)both.Max(response => response.Usage!.CachedInputTokenCount ?? 0), client.Statistics.TokensSeen - before);
    }

    private static double Bare(BenchModel model)
    {
        using BareLoopProcess loop = new(new BareLoopSettings(model.Path, CellsEach, CellsEach, model.Threads, Conversations));
        int[] sequences = [.. Enumerable.Range(0, Conversations)];
        int[] prompt = [.. Enumerable.Range(1, BarePosition)];
        foreach (int sequence in sequences)
            loop.Prefill(sequence, prompt);
        List<double> alone = [], together = [];
        for (int round = 0; round < Rounds; round++)
        {
            alone.Add(sequences.Sum(sequence => loop.RunTogether([sequence], BarePosition, AnswerTokens).TotalSeconds));
            together.Add(loop.RunTogether(sequences, BarePosition, AnswerTokens).TotalSeconds);
        }

        return Median.Of(alone.Skip(1)) / Median.Of(together.Skip(1));
    }
}
