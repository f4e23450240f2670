using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class PropertyNamesTests
{
    private static readonly string[] Letters = ["a", "b", "\"", "\\", "\n", "é", "😀"];

    [Theory]
    [InlineData("a", "b |ab|A|", "a")]
    [InlineData("ab|abc", "a|abcd|b|abx|", "ab|abc")]
    [InlineData("é|😀", "e|è|😁|é😀", "é|😀")]
    [InlineData("a\"b|\\", "a|a\"|a\"bc|\\\\|b", "a\"b|\\")]
    [InlineData("\n", "n|\t|\n\n|", "\n")]
    public void Others_Names_AreAllButTheDeclared(string declared, string accepted, string refused)
    {
        string grammar = Grammar(declared.Split('|'));
        Assert.All(accepted.Split('|'), name => Assert.True(GrammarMatcher.Accepts(grammar, JsonCharacters.Quote(name)), name));
        Assert.All(refused.Split('|'), name => Assert.False(GrammarMatcher.Accepts(grammar, JsonCharacters.Quote(name)), name));
    }

    [Theory]
    [InlineData("\"\\u0061\"")]
    [InlineData("\"\\u0061b\"")]
    [InlineData("\"x")]
    [InlineData("x")]
    [InlineData("\"x\"y\"")]
    public void Others_OtherSpellings_AreRefused(string text) => Assert.False(GrammarMatcher.Accepts(Grammar("a"), text));

    [Fact]
    public void Others_EmptyName_IsToldFromOthers()
    {
        Assert.False(GrammarMatcher.Accepts(Grammar("", "a"), "\"\""));
        Assert.True(GrammarMatcher.Accepts(Grammar("", "a"), "\"b\""));
        Assert.True(GrammarMatcher.Accepts(Grammar("a"), "\"\""));
    }

    [Fact]
    public void Others_NothingDeclared_IsAnyString()
    {
        string grammar = Grammar();
        Assert.All(["\"\"", "\"a\"", "\"\\u0061\"", "\"\\\"\""], text => Assert.True(GrammarMatcher.Accepts(grammar, text), text));
    }

    [Fact]
    public void Others_TooMuchDeclared_AreAllNames()
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(static number => new string('n', 90) + (char)(' ' + number))];
        Assert.True(GrammarMatcher.Accepts(Grammar(names), JsonCharacters.Quote(names[0])));
    }

    [Property(MaxTest = 60)]
    public void Others_AnyNames_AreAllButTheDeclared(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        string[] declared = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Name(random)).Distinct(StringComparer.Ordinal)];
        string grammar = Grammar(declared);
        foreach (string name in declared.Concat(declared.Select(static name => name + "a")).Append(Name(random)).Append(Name(random)))
        {
            bool expected = !declared.Contains(name, StringComparer.Ordinal);
            bool accepted = GrammarMatcher.Accepts(grammar, JsonCharacters.Quote(name));
            Assert.True(expected == accepted, $"{name} besides {string.Join(' ', declared)}");
        }
    }

    private static string Name(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Letters[random.Next(Letters.Length)]));

    private static string Grammar(params string[] declared)
    {
        GrammarBuilder builder = new();
        return builder.Build(PropertyNames.Others(builder, declared));
    }
}
