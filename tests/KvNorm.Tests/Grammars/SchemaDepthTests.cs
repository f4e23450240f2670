using System.Text.Json;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Grammars;

/// <summary>Schemas nested beyond what is followed: refused before anything is built of them.</summary>
public sealed class SchemaDepthTests
{
    private const int Levels = 5_000;
    private const long MostBytes = 1 << 20; // a small part of what a copy for every level takes

    public static TheoryData<string> Deep =>
    [
        Nested("""{"type":"array","items":""", "{}", "}"),
        Nested("""{"type":"object","properties":{"a":""", "{}", "}}"),
        Nested("""{"allOf":[""", "{}", "]}"),
        Nested("""{"anyOf":[{"type":"null"},""", "{}", "]}"),
        """{"type":"object","properties":{"a":{"enum":[""" + Nested("[", "1", "]") + "]}}}",
        """{"type":"object","$defs":{"a":""" + Nested("""{"items":""", "{}", "}") + "}}",
    ];

    [Theory]
    [InlineData("5", false)]
    [InlineData("{}", false)]
    [InlineData("true", false)]
    public void IsTooDeep_Shallow_IsNot(string schema, bool expected) =>
        Assert.Equal(expected, SchemaDepth.IsTooDeep(JsonElement.Parse(schema)));

    [Theory]
    [InlineData(SchemaReader.Deepest, false)]
    [InlineData(SchemaReader.Deepest + 1, true)]
    public void IsTooDeep_AtTheLimit_IsTold(int depth, bool expected) =>
        Assert.Equal(expected, SchemaDepth.IsTooDeep(Parse(new string('[', depth) + "1" + new string(']', depth))));

    [Theory]
    [MemberData(nameof(Deep))]
    public void Schema_NestedTooDeeply_IsRefusedBeforeAnythingIsBuilt(string schema)
    {
        JsonElement parsed = Parse(schema);
        GrammarBuilder builder = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        ArgumentException error = Assert.Throws<ArgumentException>(() => builder.Schema("answer", parsed));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        Assert.Contains("nested more than", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Deep))]
    public void Schema_OfAToolNestedTooDeeply_LeavesItsArgumentsOpen(string schema)
    {
        List<string> reports = [];
        AIFunctionDeclaration tool = AIFunctionFactory.CreateDeclaration("deep", "does it", Parse(schema));
        string grammar = ToolGrammar.Forced(ToolCallFormat.Generic, new ToolRequest([tool], true, null, false), report: reports.Add).Text;
        Assert.Contains("nested more than", Assert.Single(reports), StringComparison.Ordinal);
        Assert.True(GrammarMatcher.Accepts(grammar, Call("""{"x":[1]}""")));
        Assert.False(GrammarMatcher.Accepts(grammar, Call("[1]")));
    }

    // Every merge of the two makes a part that is a merge of more of them.
    [Fact]
    public void Schema_PartsThatGrowAsTheyAreMerged_AreTold()
    {
        const string Part = """{"allOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}]}""";
        const string schema = $$"""
            {"$ref":"#/$defs/a","$defs":{"a":{"type":"object","properties":{"n":{{Part}},"a":{} } },
            "b":{"type":"object","properties":{"n":{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}]},"b":{} } } } }
            """;
        List<string> reports = [];
        GrammarBuilder builder = new();
        Assert.Throws<ArgumentException>(() => new GrammarBuilder().Schema("answer", Parse(schema)));
        string grammar = builder.Build(builder.Schema("answer", Parse(schema), report: reports.Add));
        Assert.NotEmpty(reports);
        Assert.True(GrammarMatcher.Accepts(grammar, """{"a":1}"""));
    }

    [Fact]
    public void Schema_DeepPattern_IsAnyText()
    {
        string pattern = Nested("(", "a", ")");
        string grammar = SchemaGrammarTests.Grammar($$"""{"type":"string","pattern":"{{pattern}}"}""");
        Assert.True(GrammarMatcher.Accepts(grammar, "\"b\""));
    }

    private static string Nested(string open, string inner, string close) =>
        string.Concat(Enumerable.Repeat(open, Levels)) + inner + string.Concat(Enumerable.Repeat(close, Levels));

    private static JsonElement Parse(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = int.MaxValue });

    private static string Call(string arguments) =>
        ToolCallText.Write(ToolCallFormat.Generic, [("deep", JsonElement.Parse(arguments))]);
}
