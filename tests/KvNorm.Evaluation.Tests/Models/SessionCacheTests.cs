using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tests.Models;

public sealed class SessionCacheTests
{
    [Fact]
    public void Generate_AnswerAsLongAsItMayBe_HitsTheLimitOnlyWhereItWouldGoOn()
    {
        using EvaluationModel model = EvaluationModel.Load(new KvNormChatOptions { Threads = 1 });
        TurnWriter turns = new(model);
        using EvaluationCache cache = model.Create(256, EvictionPolicy.Salience);
        cache.Prefill([.. turns.Turn(TurnRole.User, "What is 2 + 2?"), .. turns.Open(TurnRole.Assistant)], CancellationToken.None);
        using EvaluationCache whole = cache.Fork(), exact = cache.Fork(), cut = cache.Fork();
        GeneratedText answer = whole.Generate(100, CancellationToken.None);
        Assert.InRange(answer.Tokens, 2, 99);
        Assert.Equal(answer, exact.Generate(answer.Tokens, CancellationToken.None));
        Assert.Equal((answer.Tokens - 1, true), Shape(cut.Generate(answer.Tokens - 1, CancellationToken.None)));
        Assert.Equal(cache.Tokens + answer.Tokens - 1, cut.Tokens); // no further, which could evict

        static (int, bool) Shape(GeneratedText text) => (text.Tokens, text.HitLimit);
    }
}
