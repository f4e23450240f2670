using System.Numerics.Tensors;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaSamplerTests : IDisposable
{
    private static readonly SamplingOptions Wide = new() { Temperature = 1.5f, TopK = 0, TopP = 1, MinP = 0, Seed = 1 };

    private readonly LlamaContext _context = new(EmbeddedModel.Model, new LlamaContextSettings(256, 16, 1));
    private readonly int _best;

    public LlamaSamplerTests()
    {
        List<int> tokens = [];
        EmbeddedModel.Model.Vocabulary.TokenizeText("My favourite animal is the", tokens);
        _context.Sequences[0].Decode([.. tokens], 0, logits: true);
        _best = TensorPrimitives.IndexOfMax(_context.Logits());
    }

    public static TheoryData<SamplingOptions> OnlyTheBest() => new(
        new SamplingOptions { Temperature = 0 },
        new SamplingOptions { Temperature = 0, TopK = 5, Seed = 3 },
        Wide with { TopK = 1 },
        Wide with { TopP = 0 },
        Wide with { MinP = 1 },
        Wide with { Temperature = 1e-3f },
        Wide with { Mirostat = true, MirostatTau = 0.01f });

    public static TheoryData<SamplingOptions> Invalid() => new(
        new SamplingOptions { Temperature = -0.1f },
        new SamplingOptions { Temperature = float.NaN },
        new SamplingOptions { Temperature = float.PositiveInfinity },
        new SamplingOptions { TopK = -1 },
        new SamplingOptions { TopP = 1.1f },
        new SamplingOptions { TopP = float.NaN },
        new SamplingOptions { MinP = -0.1f },
        new SamplingOptions { TypicalP = 2 },
        new SamplingOptions { MirostatTau = 0 },
        new SamplingOptions { MirostatEta = 2 },
        new SamplingOptions { RepeatPenalty = 0 },
        new SamplingOptions { RepeatPenalty = float.NaN },
        new SamplingOptions { RepeatLastTokens = -1 },
        new SamplingOptions { FrequencyPenalty = float.NaN },
        new SamplingOptions { PresencePenalty = float.NegativeInfinity });

    private static LlamaVocabulary Vocabulary => EmbeddedModel.Model.Vocabulary;

    public void Dispose() => _context.Dispose();

    [Theory]
    [MemberData(nameof(OnlyTheBest))]
    public void Sample_OneCandidateLeft_IsTheMostLikely(SamplingOptions options) =>
        Assert.All(Draw(options, 5), token => Assert.Equal(_best, token));

    [Fact]
    public void Sample_SameSeed_SameTokens() => Assert.Equal(Draw(Wide, 20), Draw(Wide, 20));

    [Fact]
    public void Sample_Mirostat_RepeatsBySeedAndSurprisesAsMuchAsAskedFor()
    {
        SamplingOptions calm = Wide with { Mirostat = true, MirostatTau = 1 }, wild = Wide with { Mirostat = true, MirostatTau = 9 };
        Assert.Equal(Draw(wild, 20), Draw(wild, 20));
        Assert.True(Draw(calm, 60).Distinct().Count() < Draw(wild, 60).Distinct().Count());
    }

    [Fact]
    public void Sample_OtherSeed_OtherTokens() => Assert.NotEqual(Draw(Wide, 20), Draw(Wide with { Seed = 2 }, 20));

    [Fact]
    public void Sample_NoSeed_OtherTokensEveryTime() =>
        Assert.NotEqual(Draw(Wide with { Seed = null }, 20), Draw(Wide with { Seed = null }, 20));

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void Sample_TopK_DrawsOnlyFromThem(int topK)
    {
        float[] logits = _context.Logits().ToArray();
        int[] candidates = [.. Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).Take(topK)];
        int[] drawn = Draw(Wide with { TopK = topK, Temperature = 5 }, 100);
        Assert.Subset(candidates.ToHashSet(), drawn.ToHashSet());
        Assert.True(drawn.Distinct().Count() > 1);
    }

    [Fact]
    public void Sample_RepetitionForbidden_NeverRepeats()
    {
        int[] drawn = Draw(new SamplingOptions { Temperature = 0, PresencePenalty = 100, RepeatLastTokens = 64 }, 20);
        Assert.Equal(_best, drawn[0]);
        Assert.Equal(20, drawn.Distinct().Count());
    }

    // The window: a token may come again once it has left the tokens that the penalties look at.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Sample_RepetitionForbiddenInAWindow_RepeatsBehindIt(int window)
    {
        int[] drawn = Draw(new SamplingOptions { Temperature = 0, FrequencyPenalty = 100, RepeatLastTokens = window }, 20);
        Assert.Equal(window + 1, drawn.Distinct().Count());
        Assert.Equal(drawn[..(20 - window - 1)], drawn[(window + 1)..]);
    }

    [Fact]
    public void Sample_RepeatPenalty_TakesTheBestDown() =>
        Assert.NotEqual(_best, Draw(new SamplingOptions { Temperature = 0, RepeatPenalty = 100 }, 2)[1]);

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Constructor_InvalidOptions_Throw(SamplingOptions options) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LlamaSampler(options, Vocabulary));

    [Fact]
    public void Sample_NoLogits_Throws()
    {
        using LlamaContext empty = new(EmbeddedModel.Model, new LlamaContextSettings(256, 16, 1));
        using LlamaSampler sampler = new(new SamplingOptions(), Vocabulary);
        Assert.Throws<LlamaException>(() => sampler.Sample(empty));
        empty.Sequences[0].Decode([5], 0, logits: false);
        Assert.Throws<LlamaException>(() => sampler.Sample(empty));
        empty.Sequences[0].Decode([5], 1, logits: true);
        Assert.InRange(sampler.Sample(empty), 0, EmbeddedModel.Model.Vocabulary.Count - 1);
    }

    [Fact]
    public void Sample_Disposed_Throws()
    {
        LlamaSampler sampler = new(new SamplingOptions(), Vocabulary);
        sampler.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sampler.Sample(_context));
    }

    private int[] Draw(SamplingOptions options, int count)
    {
        using LlamaSampler sampler = new(options, Vocabulary);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Sample(_context))];
    }
}
