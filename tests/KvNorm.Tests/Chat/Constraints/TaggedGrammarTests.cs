using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Constraints;

public sealed class TaggedGrammarTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {"s": {"type": "string"}, "n": {"type": "integer", "minimum": 0}, "kind":{"type": "string", "enum": ["a", "b c"]}},
          "required": ["s"]
        }
        """;

    private static readonly ToolCallFormat[] Tagged = [.. Spoken.Formats.Where(static format => format.Shape == CallShape.Tagged)];

    public static TheoryData<string> Formats => [.. Tagged.Select(static format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Arguments_DeclaredOnes_StandInOrderAndMayBeMissingUnlessRequired(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = Grammar(format, Schema);
        string s = Pair(format, "s", "x"), n = Pair(format, "n", "5"), kind = Pair(format, "kind", "b c");
        string[] refused = ["", n, n + s, s + s, s + kind + n, s + Pair(format, "other", "1")];
        Assert.All([s, s + n, s + kind, s + n + kind], text => Assert.True(GrammarMatcher.Accepts(grammar, text), text));
        Assert.All(refused, text => Assert.False(GrammarMatcher.Accepts(grammar, text), text));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Arguments_Values_AreTextOrJsonOrChoices(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = Grammar(format, Schema), s = Pair(format, "s", "x");
        foreach (string value in (string[])["", "5", "a < b\n\"</para", "é😀 {}"])
            Assert.True(GrammarMatcher.Accepts(grammar, Pair(format, "s", value)), value);
        Assert.False(GrammarMatcher.Accepts(grammar, Pair(format, "s", $"a{format.ValueEnd.Trim('\n')}b")));
        Assert.All(["-1", "x", "\"5\"", ""], value => Assert.False(GrammarMatcher.Accepts(grammar, s + Pair(format, "n", value)), value));
        Assert.True(GrammarMatcher.Accepts(grammar, s + Pair(format, "n", "0")));
        Assert.All(["b", "\"a\"", ""], value => Assert.False(GrammarMatcher.Accepts(grammar, s + Pair(format, "kind", value)), value));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Arguments_TextThatIsOneValue_IsThat(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = Grammar(format, """{"properties":{"mode":{"type":"string","const":"fast"}},"required":["mode"]}""");
        Assert.True(GrammarMatcher.Accepts(grammar, Pair(format, "mode", "fast")));
        Assert.False(GrammarMatcher.Accepts(grammar, Pair(format, "mode", "slow")));
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"^a$","minLength":1}""", "/properties/a/pattern /properties/a/minLength")]
    [InlineData("""{"type":"string","format":"date"}""", "/properties/a/format")]
    [InlineData("""{"type":"string","format":"password"}""", "")]
    [InlineData("""{"type":"integer","minimum":1}""", "")]
    public void Arguments_TextWithConstraints_SaysThatTheyAreNotHeld(string property, string places)
    {
        List<string> reports = [];
        TaggedGrammar.Arguments(
            new GrammarBuilder(),
            Spoken.Format("Qwen3-Coder"),
            "tool",
            JsonElement.Parse($$$"""{"properties":{"a":{{{property}}}}}"""),
            reports.Add);
        Assert.Equal(places.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(SchemaError.Unsaid), reports, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("""{"type":"object"}""")]
    public void Arguments_NothingDeclared_AreAny(string schema)
    {
        ToolCallFormat format = Spoken.Format("GLM");
        string grammar = Grammar(format, schema), a = Pair(format, "a", "1");
        Assert.All(["", a, a + Pair(format, "b c", "x\ny")], text => Assert.True(GrammarMatcher.Accepts(grammar, text), text));
        Assert.False(GrammarMatcher.Accepts(grammar, Pair(format, "", "1")));
        Assert.False(GrammarMatcher.Accepts(grammar, "text"));
    }

    [Fact]
    public void Arguments_EmptyProperties_AreNone()
    {
        ToolCallFormat format = Spoken.Format("GLM");
        string grammar = Grammar(format, """{"properties":{}}""");
        Assert.True(GrammarMatcher.Accepts(grammar, ""));
        Assert.False(GrammarMatcher.Accepts(grammar, Pair(format, "a", "1")));
    }

    [Fact]
    public void Arguments_Reference_IsAnyText()
    {
        ToolCallFormat format = Spoken.Format("Qwen3-Coder");
        const string Referring = """{"properties":{"a":{"$ref":"#/$defs/x"}},"required":["a"],"$defs":{"x":{"type":"integer"}}}""";
        string grammar = Grammar(format, Referring);
        Assert.True(GrammarMatcher.Accepts(grammar, Pair(format, "a", "5")));
        Assert.False(GrammarMatcher.Accepts(grammar, ""));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Arguments_TextAmongOtherTypes_IsText(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        const string Nullable = """{"properties":{"mode":{"type":["string","null"]},"kind":{"enum":["a",null]}},"required":["mode"]}""";
        string grammar = Grammar(format, Nullable);
        Assert.All(["755", "null", "a \"b\""], value => Assert.True(GrammarMatcher.Accepts(grammar, Pair(format, "mode", value)), value));
        string mode = Pair(format, "mode", "x");
        Assert.All(["a", "null"], value => Assert.True(GrammarMatcher.Accepts(grammar, mode + Pair(format, "kind", value)), value));
        Assert.All(["\"a\"", "b"], value => Assert.False(GrammarMatcher.Accepts(grammar, mode + Pair(format, "kind", value)), value));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Arguments_ListedTexts_AreThoseThatTheRestOfTheSchemaAllows(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = Grammar(format, """{"properties":{"s":{"type":"str","enum":["a","bbb"],"maxLength":2}}}""");
        Assert.True(GrammarMatcher.Accepts(grammar, Pair(format, "s", "a")));
        Assert.False(GrammarMatcher.Accepts(grammar, Pair(format, "s", "bbb")));
    }

    // What the grammar lets through is read whole, whatever marks stand in it.
    [Property(MaxTest = 100)]
    public void Arguments_TextWithMarks_IsReadWhole(NonNull<int[]> choices, DoNotSize<int> seed)
    {
        ToolCallFormat format = Tagged[(seed.Item & int.MaxValue) % Tagged.Length];
        string[] parts =
        [
            .. format.EndMarks, format.KeyStart, format.KeyEnd, format.Start, format.ValueEnd.Trim('\n')[..^1],
            "\n", "\r\n", " ", "word", "\"", "{", "null", "5",
        ];
        string text = string.Concat(choices.Get.Select(choice => parts[(choice & int.MaxValue) % parts.Length]));
        string call = ToolCallText.Write(format, [("note", JsonSerializer.SerializeToElement(new { text, kind = "b c" }))]);
        ToolRequest request = new([Spoken.Tools[2]], true, null, false);
        if (!GrammarMatcher.Accepts(ToolGrammar.Forced(format, request).Text, call))
            return;
        FunctionCallContent read = Assert.IsType<FunctionCallContent>(
            Assert.Single(Spoken.Contents(format, null, call.Select(static letter => letter.ToString()))));
        Assert.Equal(text, read.Arguments!["text"]!.ToString());
        Assert.Equal("b c", read.Arguments["kind"]!.ToString());
    }

    private static string Grammar(ToolCallFormat format, string schema)
    {
        GrammarBuilder builder = new();
        return builder.Build(TaggedGrammar.Arguments(builder, format, "tool", JsonElement.Parse(schema), static _ => { }));
    }

    private static string Pair(ToolCallFormat format, string key, string value) =>
        format.KeyStart + key + format.KeyEndOf(isText: key != "n") + value + format.ValueEnd;
}
