using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Constraints;
using KvNorm.Grammars;
using KvNorm.Tests.Grammars;

namespace KvNorm.Tests.Chat.Constraints;

public sealed class LiteralTreeTests
{
    private static readonly string[] Letters = ["a", "b", "\"", "é", "😀", "😁"];

    [Property(MaxTest = 50)]
    public void Body_AnyTexts_LetsThroughEachWithWhatFollowsIt(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        string[] texts = [.. Enumerable.Range(0, 8).Select(_ => Text(random)).Distinct(StringComparer.Ordinal)];
        GrammarBuilder builder = new();
        string grammar = builder.Build(new LiteralTree([.. texts.Select(static (text, i) => (text, $"\"={i}\""))]).Body(builder));
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.True(GrammarMatcher.Accepts(grammar, $"{texts[i]}={i}"), texts[i]);
            Assert.False(GrammarMatcher.Accepts(grammar, $"{texts[i]}={i + 1}"), texts[i]);
            Assert.False(GrammarMatcher.Accepts(grammar, $"{texts[i]}a={i}"), texts[i]);
        }
    }

    [Fact]
    public void Body_CommonBeginnings_AreWrittenOnce()
    {
        GrammarBuilder builder = new();
        string body = new LiteralTree([("call get_a", "x"), ("call get_b", "y"), ("call set", "z")]).Body(builder);
        Assert.Equal(
            "root ::= \"call \" call-2\ncall ::= \"a\" x | \"b\" y\ncall-2 ::= \"get_\" call | \"set\" z\n", builder.Build(body));
    }

    [Fact]
    public void Body_EqualTexts_AreAlternatives()
    {
        GrammarBuilder builder = new();
        string grammar = builder.Build(new LiteralTree([("same", "\"1\""), ("same", "\"2\"")]).Body(builder));
        Assert.True(GrammarMatcher.Accepts(grammar, "same1"));
        Assert.True(GrammarMatcher.Accepts(grammar, "same2"));
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => Letters[random.Next(Letters.Length)]));
}
