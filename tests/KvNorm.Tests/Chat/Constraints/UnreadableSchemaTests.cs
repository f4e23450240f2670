using KvNorm.Chat;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using KvNorm.Runtime;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Grammars;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Constraints;

/// <summary>Schemas of tools as servers write them and no validator takes them: the part that cannot be read allows anything.</summary>
public sealed class UnreadableSchemaTests
{
    private const string Open = """{"a":1,"b":[null]}""";

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":null}""", """{"a":"x"}""", """{"a":1}""", "/required")]
    [InlineData("""{"type":"object","properties":null}""", Open, "[]", "/properties")]
    [InlineData("""{"properties":{"a":{"type":"array","items":null}}}""", """{"a":[1,"x"]}""", """{"a":1}""", "/properties/a/items")]
    [InlineData("""{"properties":{"a":{"type":"string","enum":null}}}""", """{"a":"x"}""", """{"a":1}""", "/properties/a/enum")]
    [InlineData("""{"properties":{"a":{"anyOf":null,"type":"integer"}}}""", """{"a":1}""", """{"a":"x"}""", "/properties/a/anyOf")]
    [InlineData("""{"properties":{"a":{"type":"any"}}}""", """{"a":[1]}""", """{"b":1}""", "/properties/a/type")]
    [InlineData("""{"properties":{"a":{"type":"int"}}}""", """{"a":5}""", """{"a":"x"}""", "/properties/a/type")]
    [InlineData("""{"properties":{"a":{"type":"float"}}}""", """{"a":1.5}""", """{"a":"x"}""", "/properties/a/type")]
    [InlineData("""{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}""", """{"a":"x"}""", """{"a":1}""", "/properties/a/type")]
    [InlineData("""{"properties":{"a":{"type":"integer","minimum":"0"}}}""", """{"a":-1}""", """{"a":"x"}""", "/properties/a/minimum")]
    [InlineData("""{"properties":{"a":{"type":"string","enum":[]}}}""", """{"a":"x"}""", """{"a":1}""", "/properties/a/enum")]
    [InlineData("""{"properties":{"a":{"type":[]}}}""", """{"a":"x"}""", """{"b":1}""", "/properties/a/type")]
    [InlineData("""{"properties":{"a":{"$ref":"http://example.org/x"}}}""", """{"a":{}}""", """{"b":1}""", "/properties/a/$ref")]
    [InlineData("""{"properties":{"a":{"$ref":"other.json#/x"}}}""", """{"a":{}}""", """{"b":1}""", "/properties/a/$ref")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/none"}}}""", """{"a":{}}""", """{"b":1}""", "/properties/a/$ref")]
    [InlineData("""{"properties":{"a":{"type":"integer","enum":["1"]}}}""", """{"a":"1"}""", """{"b":1}""", "/properties/a'")]
    [InlineData("""{"properties":{"a":{"type":"integer","minimum":5,"maximum":3}}}""", """{"a":4}""", """{"b":1}""", "/properties/a'")]
    [InlineData("""{"properties":5}""", Open, "[]", "/properties")]
    [InlineData("""{"allOf":{},"properties":{"a":{"type":"string"}}}""", """{"a":"x"}""", """{"a":1}""", "/allOf")]
    public void Schema_PartThatCannotBeRead_IsOpenAndTheRestHolds(string schema, string accepted, string refused, string place)
    {
        List<string> reports = [];
        string grammar = ToolGrammar.Forced(ToolCallFormat.Generic, Request(schema), report: reports.Add).Text;
        Assert.True(GrammarMatcher.Accepts(grammar, Call(accepted)));
        Assert.False(GrammarMatcher.Accepts(grammar, Call(refused)));
        Assert.All(reports, static report => Assert.Contains("'tool'", report, StringComparison.Ordinal));
        Assert.Contains(reports, report => report.Contains(place, StringComparison.Ordinal));
    }

    [Fact]
    public void Schema_ReferredToTwice_IsOpenBothTimes()
    {
        const string schema = """{"properties":{"x":{"$ref":"#/$defs/bad"},"y":{"$ref":"#/$defs/bad"}},"$defs":{"bad":5}}""";
        string grammar = ToolGrammar.Forced(ToolCallFormat.Generic, Request(schema)).Text;
        Assert.True(GrammarMatcher.Accepts(grammar, Call("""{"x":1,"y":[2]}""")));
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":["a","b"],"additionalProperties":false}""", """{"a":"x"}""")]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":["a","b"]}""", """{"a":"x","b":1}""")]
    public void Schema_RequiredThatIsNotDeclared_IsTakenAsFarAsItGoes(string schema, string accepted) =>
        Assert.True(GrammarMatcher.Accepts(ToolGrammar.Forced(ToolCallFormat.Generic, Request(schema)).Text, Call(accepted)));

    // In the shapes of calls that there are: JSON, marks, and pairs with quotes of their own or JSON's.
    [Theory]
    [InlineData("""{"properties":{"p":{"type":"string"}},"\ud800":1}""")]
    [InlineData("""{"\ud800":1,"properties":{},"type":"object"}""")]
    [InlineData("""{"properties":{"p":{"type":"string","enum":["\ud800"]}}}""")]
    [InlineData("""{"properties":{"\ud800":{"type":"string"}},"required":["p"]}""")]
    [InlineData("""{"properties":{"p":{"type":"integer"}},"required":["\ud800"]}""")]
    [InlineData("""{"properties":{"p":{"$ref":"#/\udc00"}}}""")]
    public void Schema_WithHalfASurrogatePair_IsOpenAndToldOnce(string schema)
    {
        foreach (string name in (string[])["generic", "Qwen3-Coder", "LFM2", "Gemma 4"])
        {
            ToolCallFormat format = Spoken.Format(name);
            List<string> reports = [];
            string grammar = ToolGrammar.Forced(format, Request(schema), report: reports.Add).Text;
            foreach (string arguments in (string[])["""{"p":"x"}""", """{"q":[1]}""", "{}"])
            {
                string call = ToolCallText.Write(format, [("tool", System.Text.Json.JsonElement.Parse(arguments))]);
                Assert.True(GrammarMatcher.Accepts(grammar, call), call);
            }

            Assert.Contains("surrogate", Assert.Single(reports), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"enum":["\ud800"]}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"^\ud800$"}}}""")]
    [InlineData("""{"type":"object","properties":{"\ud800":{}}}""")]
    public async Task GetResponseAsync_SchemaWithHalfASurrogatePair_IsTaken(string schema)
    {
        using KvNormChatClient client = TestClient.Tiny(2048);
        foreach (ChatToolMode mode in (ChatToolMode[])[ChatToolMode.Auto, ChatToolMode.RequireAny])
        {
            ChatOptions options = TestClient.Greedy(4);
            (options.Tools, options.ToolMode) = ([Spoken.Tool("tool", schema)], mode);
            Assert.NotNull(await client.GetResponseAsync([User("hi")], options));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CreateSampler_ToolsThatAreTooLarge_LeavesTheirArgumentsOpenAndSaysSoOnce(bool isForced)
    {
        string names = string.Join(',', Enumerable.Range(0, 6).Select(static i =>
            """{"anyOf":[""" + string.Join(',', "abc".Select(letter => $$"""{"required":["{{letter}}{{i}}"]} """)) + "]}"));
        AssertTaken("""{"type":"object","allOf":[""" + names + "]}", count: 1, isForced, "more than 512 alternatives");
        string value = new('x', GrammarCheck.MostCharacters);
        AssertTaken($$"""{"type":"object","properties":{"a":{"enum":["{{value}}"]} } }""", count: 2, isForced, "left open");
    }

    private static ToolRequest Request(string schema) => new([Spoken.Tool("tool", schema)], true, null, false);

    private static string Call(string arguments) =>
        ToolCallText.Write(ToolCallFormat.Generic, [("tool", System.Text.Json.JsonElement.Parse(arguments))]);

    private static void AssertTaken(string schema, int count, bool isForced, string expected)
    {
        using LlamaModel model = TinyModel.Load();
        RecordingLogger log = new();
        ChatModel chat = new(model, template: null, log);
        ChatOptions options = new()
        {
            Tools = [.. Enumerable.Range(0, count).Select(i => Spoken.Tool($"tool{i}", schema))],
            ToolMode = isForced ? ChatToolMode.RequireAny : ChatToolMode.Auto,
        };
        ChatRequest request = ChatRequest.Create([User("hi")], options, new KvNormChatOptions(), new SilentChatClient());
        for (int i = 0; i < 2; i++)
            chat.CreateSampler(request, default).Dispose();
        string[] lines = [.. log.Lines.Select(static line => line.Text)];
        Assert.Equal(lines.Length, lines.Distinct(StringComparer.Ordinal).Count());
        Assert.Contains(lines, line => line.Contains(expected, StringComparison.Ordinal));
    }
}
