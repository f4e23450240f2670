using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

/// <summary>The models that the other tests rely on.</summary>
public sealed class TinyModelTests
{
    [Theory]
    [InlineData("llama", RopeType.Adjacent)]
    [InlineData("qwen2", RopeType.Halves)]
    [InlineData("qwen3", RopeType.Halves)]
    [InlineData("stablelm", RopeType.Halves)]
    [InlineData("phi3", RopeType.Halves)]
    [InlineData("gemma3", RopeType.Halves)]
    [InlineData("cohere2", RopeType.Adjacent)]
    [InlineData("gpt-oss", RopeType.Halves)]
    [InlineData("grok", RopeType.Halves)]
    [InlineData("lfm2", RopeType.Halves)]
    [InlineData("granitehybrid", RopeType.Adjacent)]
    [InlineData("qwen3next", RopeType.Halves)]
    [InlineData("mamba", RopeType.None)]
    [InlineData("qwen2vl", (RopeType)8)]
    internal void Load_EveryArchitecture_DecodesToFiniteLogits(string architecture, RopeType ropeType)
    {
        using LlamaModel model = TinyModel.Load(TinyModelSettings.Of(architecture));
        using LlamaContext context = new(model, new LlamaContextSettings(256, 32, 1));
        context.Sequences[0].Decode([5, 70, 260, TinyVocabulary.EndMarker], 0, logits: true);
        Assert.Equal(ropeType, model.RopeType);
        Assert.Equal(architecture, model.Architecture);
        Assert.Equal(TinyVocabulary.Count, context.Logits().Length);
        Assert.All(context.Logits().ToArray(), logit => Assert.True(float.IsFinite(logit)));
        Assert.True(context.Logits().ToArray().Distinct().Count() > 100);
    }

    [Fact]
    public void Load_Defaults_HaveMarkersAndTemplate()
    {
        using LlamaModel model = TinyModel.Load();
        Assert.Equal(TinyVocabulary.StartMarker, model.Vocabulary.Special("<|im_start|>"));
        Assert.Equal(TinyVocabulary.EndMarker, model.Vocabulary.Special("<|im_end|>"));
        Assert.True(model.Vocabulary.IsEndOfGeneration(TinyVocabulary.EndMarker));
        Assert.Null(model.Vocabulary.BeginOfText);
        Assert.Equal(TinyModelSettings.ChatMl, model.ChatTemplate);
        Assert.Equal(2048, model.TrainedLength);
    }
    [Fact]
    public void Decode_NeverEnds_NoTokenThatEndsAnAnswerHasALogit()
    {
        using LlamaModel model = TinyModel.Load(new TinyModelSettings { NeverEnds = true });
        using LlamaContext context = new(model, new LlamaContextSettings(256, 32, 1));
        context.Sequences[0].Decode([5, 70, 260], 0, logits: true);
        float[] logits = context.Logits().ToArray();
        int[] ends = [.. Enumerable.Range(0, logits.Length).Where(model.Vocabulary.IsEndOfGeneration)];
        Assert.Equal(TinyVocabulary.Ends, ends);
        Assert.All(ends, end => Assert.Equal(0, logits[end]));
        Assert.True(logits.Max() > 0);
    }
}
