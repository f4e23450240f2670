using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>The client as the judge of Microsoft.Extensions.AI.Evaluation, and its answers as what is judged.</summary>
[Collection(SharedModel.Name)]
public sealed class EvaluationTests(ChatClientFixture shared)
{
    [Fact]
    public async Task EvaluateAsync_JudgeOnTheClient_GivesAMark()
    {
        ChatMessage question = User("Name a fruit.");
        ChatResponse answer = await shared.Client.GetResponseAsync([question], TestClient.Greedy(4));
        CompositeEvaluator evaluator = new(new MarkEvaluator("Truth"), new MarkEvaluator("Style"));
        EvaluationResult result = await evaluator.EvaluateAsync([question], answer, new ChatConfiguration(shared.Client));
        Assert.Equal(2, result.Metrics.Count);
        Assert.All(result.Metrics.Values, metric => Assert.InRange(Assert.IsType<NumericMetric>(metric).Value!.Value, 1, 5));
        Assert.False(result.ContainsDiagnostics());
    }

    /// <summary>Asks the judge for a number by a schema.</summary>
    private sealed class MarkEvaluator(string metric) : IEvaluator
    {
        public IReadOnlyCollection<string> EvaluationMetricNames { get; } = [metric];

        public async ValueTask<EvaluationResult> EvaluateAsync(
            IEnumerable<ChatMessage> messages,
            ChatResponse modelResponse,
            ChatConfiguration? chatConfiguration = null,
            IEnumerable<EvaluationContext>? additionalContext = null,
            CancellationToken cancellationToken = default)
        {
            ChatMessage[] task = [.. messages, .. modelResponse.Messages, User($"Rate the {metric} of that answer from One to Five.")];
            IChatClient judge = chatConfiguration!.ChatClient;
            ChatResponse<Mark> mark = await judge.GetResponseAsync<Mark>(task, TestClient.Greedy(24), cancellationToken: cancellationToken);
            return new EvaluationResult(new NumericMetric(metric, (int)mark.Result));
        }
    }

    private enum Mark
    {
        One = 1,
        Two,
        Three,
        Four,
        Five,
    }
}
