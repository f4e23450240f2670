using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests;

public sealed class EvaluationArmTests
{
    [Theory]
    [InlineData("full", EvaluationArmKind.Full)]
    [InlineData("drop-oldest", EvaluationArmKind.DropOldest)]
    [InlineData("context-shift", EvaluationArmKind.ContextShift)]
    [InlineData("fastgen-static", EvaluationArmKind.Marks)]
    [InlineData("salience", EvaluationArmKind.Policy)]
    [InlineData(" KeyNorm ", EvaluationArmKind.Policy)]
    [InlineData("salience-once", EvaluationArmKind.PolicyOnce)]
    [InlineData("passage", EvaluationArmKind.Passage)]
    [InlineData("keydiff+sentence-recall", EvaluationArmKind.Policy)]
    public void Parse_Name_IsOfItsKind(string text, EvaluationArmKind kind)
    {
        EvaluationArm arm = EvaluationArm.Parse(text);
        Assert.Equal((kind, text.Trim().ToLowerInvariant()), (arm.Kind, arm.Name));
    }

    [Fact]
    public void Parse_SpansAndGranularity_AreThePolicys()
    {
        EvictionPolicy policy = EvaluationArm.Parse("keydiff+sentence/layer").Policy!;
        Assert.Equal(("keydiff", TokenSpans.Sentence, EvictionGranularity.Layer), (policy.Name, policy.Spans, policy.Granularity));
        Assert.Equal(TokenSpans.Chunks(20), EvaluationArm.Parse("cur+chunk20").Policy!.Spans);
        Assert.Equal(TokenSpans.Neighbours(9), EvaluationArm.Parse("lagkv+neighbours9").Policy!.Spans);
        Assert.Equal(TokenSpans.None, EvaluationArm.Parse("salience+none").Policy!.Spans);
        Assert.Equal(EvictionGranularity.All, EvaluationArm.Parse("keynorm/all").Policy!.Granularity);
        EvictionPolicy once = EvaluationArm.Parse("cur+chunk20/layer-once").Policy!;
        Assert.Equal((TokenSpans.Chunks(20), EvictionGranularity.Layer, 0.0), (once.Spans, once.Granularity, once.RecentWindow));
    }

    [Theory]
    [InlineData("")]
    [InlineData("streamingllm")]
    [InlineData("salience+words")]
    [InlineData("salience+chunk")]
    [InlineData("salience+chunk0")]
    [InlineData("salience+chunk9999")]
    [InlineData("salience/both")]
    [InlineData("full+sentence")]
    [InlineData("full-once")]
    [InlineData("salience-rarity")]
    [InlineData("salience-rarity-1")]
    [InlineData("salience-rarity1e9")]
    [InlineData("salience-rarity101")]
    [InlineData("salience-once-once")]
    [InlineData("salience-once-recall")]
    [InlineData("salience-recall-recall")]
    [InlineData("full-recall")]
    [InlineData("drop-oldest-skip1")]
    [InlineData("keynorm-skip")]
    [InlineData("keynorm-skip0")]
    [InlineData("keynorm-skip999")]
    [InlineData("-once")]
    public void Parse_Unknown_ListsWhatThereIs(string text)
    {
        string message = Assert.Throws<FormatException>(() => EvaluationArm.Parse(text)).Message;
        IEnumerable<string> known = EvictionPolicy.Names.Concat(EvaluationArm.BaselineNames);
        Assert.All(known, name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_Recall_IsThePolicyThatRecalls()
    {
        EvaluationArm arm = EvaluationArm.Parse("salience/layer-recall");
        Assert.Equal((true, EvictionGranularity.Layer), (arm.Recalls, arm.Policy!.Granularity));
        Assert.False(EvaluationArm.Parse("salience/layer").Recalls);
    }

    [Fact]
    public void Parse_Changes_AreThePolicys()
    {
        Assert.Equal([0, 1], EvaluationArm.Parse("keynorm-high-skip2").Policy!.SkippedLayers);
        Assert.Equal("keynorm-high", EvaluationArm.Parse("keynorm-high-skip2").Policy!.Name);
        Assert.True(EvaluationArm.Parse("salience").Policy!.DemotesRepeatedPunctuation);
        EvaluationArm arm = EvaluationArm.Parse("salience+none/layer-punctuation-recall");
        Assert.Equal(
            (false, true, TokenSpans.None, "salience+none/layer-punctuation-recall"),
            (arm.Policy!.DemotesRepeatedPunctuation, arm.Recalls, arm.Policy.Spans, arm.Name));
        EvaluationArm once = EvaluationArm.Parse("salience-once");
        Assert.True(once.Policy!.DemotesRepeatedPunctuation);
        Assert.Equal(EvictionPolicy.Salience.RarityWeight, once.Policy.RarityWeight);
    }

    [Theory]
    [InlineData("salience-recall", 1)]
    [InlineData("salience-rarity2.5-recall", 2.5)]
    [InlineData("salience-recall-rarity2.5", 2.5)]
    [InlineData("keydiff+sentence-rarity1-recall", 1)]
    [InlineData("keydiff-recall", 0)]
    public void Parse_Rarity_IsThatOfThePolicyUnlessItSaysSo(string text, double weight) =>
        Assert.Equal(weight, EvaluationArm.Parse(text).Policy!.RarityWeight);

    [Fact]
    public void Parse_SameTextTwice_IsTheSameArm() =>
        Assert.Equal(EvaluationArm.Parse("cur+chunk8/all"), EvaluationArm.Parse("cur+chunk8/all"));

    [Fact]
    public void PolicyFor_Items_DrawsAnewForEach()
    {
        ScriptedModel model = new();
        EvaluationArm random = EvaluationArm.Parse("random");
        Assert.NotEqual(random.PolicyFor(Items.Request(model), []).Seed, random.PolicyFor(Items.Request(model, index: 1), []).Seed);
    }
}
