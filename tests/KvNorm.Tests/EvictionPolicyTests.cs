using KvNorm.Tests.KvCache.Eviction;

namespace KvNorm.Tests;

public sealed class EvictionPolicyTests
{
    public static TheoryData<string> Policies() => new(EvictionPolicy.Names);

    [Fact]
    public void Names_All_AreTheDocumentedOnes() =>
        Assert.Equal(
            [
                "salience", "keynorm", "keynorm-high", "keydiff", "manifoldkv", "lagkv", "cur", "snapkv", "h2o", "valuenorm", "recency",
                "random",
            ],
            EvictionPolicy.Names);

    [Theory]
    [MemberData(nameof(Policies))]
    public void Named_EveryName_IsThatPolicyInAnyCase(string name)
    {
        Assert.Equal(name, EvictionPolicy.Named(name).Name);
        Assert.Equal(EvictionPolicy.Named(name), EvictionPolicy.Named(name.ToUpperInvariant()));
        EvictionPolicy.Named(name).Validate();
    }

    [Theory]
    [InlineData("")]
    [InlineData("streamingllm")]
    [InlineData("salience ")]
    public void Named_Unknown_ListsTheNames(string name)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => EvictionPolicy.Named(name));
        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
        Assert.All(EvictionPolicy.Names.ToArray(), known => Assert.Contains(known, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Spans_Defaults_AreSentencesForSalienceOnly() =>
        Assert.Equal("salience", Assert.Single(EvictionPolicy.Names, static name => EvictionPolicy.Named(name).Spans != TokenSpans.None));

    [Theory]
    [InlineData(100, 0.25, 25)]
    [InlineData(10, 0.25, 2)]
    [InlineData(100, 0, 1)]
    [InlineData(1, 0.9, 1)]
    public void RecentRows_Share_IsAtLeastTheLastRow(int kept, double window, int expected) =>
        Assert.Equal(expected, (EvictionPolicy.Salience with { RecentWindow = window }).RecentRows(kept));

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Validate_WindowNoShare_Throws(double window) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => (EvictionPolicy.Salience with { RecentWindow = window }).Validate());

    [Theory]
    [InlineData(-0.01)]
    [InlineData(100.1)]
    [InlineData(double.NaN)]
    public void Validate_RarityNoWeight_Throws(double weight) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => (EvictionPolicy.Salience with { RarityWeight = weight }).Validate());

    [Fact]
    public void Validate_NegativeSinks_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => (EvictionPolicy.Salience with { Sinks = -1 }).Validate());

    [Fact]
    public void Custom_Scorer_IsMadeForTheCacheAndTheSeed()
    {
        KeyScorerContext made = default;
        EvictionPolicy policy = EvictionPolicy.Custom("own", context =>
        {
            made = context;
            return new FixedScorer(static _ => 0);
        }) with { Seed = 7 };
        Assert.IsType<FixedScorer>(policy.CreateScorer(12));
        Assert.Equal(new KeyScorerContext(12, 7), made);
        Assert.Equal(("own", TokenSpans.None), (policy.Name, policy.Spans));
        Assert.DoesNotContain("own", EvictionPolicy.Names, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("salience")]
    [InlineData("KeyNorm")]
    [InlineData("a name of more than sixty-four characters, which is what a saved file takes")]
    public void Custom_NameThatIsNone_Throws(string name) =>
        Assert.Throws<ArgumentException>(() => EvictionPolicy.Custom(name, static _ => new FixedScorer(static _ => 0)));

    [Fact]
    public void CreateScorer_FunctionGivesNone_SaysWhose()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("own", static _ => null!);
        Assert.Contains("'own'", Assert.Throws<InvalidOperationException>(() => policy.CreateScorer(1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 100, 0.25)]
    [InlineData(20, 100, 0.25)]
    [InlineData(50, 100, 0.5)]
    [InlineData(400, 100, 0.75)] // the rest needs some rows, too
    public void WithWindowOver_SlidingWindow_CoversItAsFarAsThereIsRoom(int slidingWindow, int kept, double expected) =>
        Assert.Equal(expected, EvictionPolicy.Salience.WithWindowOver(slidingWindow, kept).RecentWindow);
}
