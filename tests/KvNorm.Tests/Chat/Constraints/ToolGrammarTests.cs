using System.Text.Json;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Constraints;

public sealed class ToolGrammarTests
{
    private static readonly ToolRequest Any = new(Spoken.Tools, true, null, false);
    private static readonly ToolRequest Many = Any with { Many = true };

    public static TheoryData<string> Names => [.. Spoken.Formats.Select(static format => format.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Forced_WrittenCall_IsAccepted(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = ToolGrammar.Forced(format, Any).Text;
        Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("weather", """{"city":"Rome","days":2}"""))));
        Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("time", "{}"))));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, "Certainly"));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("unknown", "{}"))));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("weather", """{"city":"Rome","days":"x"}"""))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Forced_Many_TakesSeveralCallsOnlyWhenAllowed(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string two = Write(format, ("time", "{}"), ("weather", """{"city":"Rome"}"""));
        Assert.False(GrammarMatcher.Accepts(ToolGrammar.Forced(format, Any).Text, two));
        Assert.Equal(!format.OneCall, GrammarMatcher.Accepts(ToolGrammar.Forced(format, Many).Text, two));
        Assert.True(GrammarMatcher.Accepts(ToolGrammar.Forced(format, Many).Text, Write(format, ("time", "{}"))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Forced_OneTool_TakesNoOther(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = ToolGrammar.Forced(format, Any with { Only = "time" }).Text;
        Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("time", "{}"))));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("weather", """{"city":"Rome"}"""))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Forced_AnyTextItLetsThrough_IsReadAsCallsThatSatisfyTheirSchemas(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        // Free text between marks has no length, so none is drawn.
        bool isFree = format.Shape is CallShape.Tagged or CallShape.Pairs;
        string text = isFree ? """{"type":"string","enum":["b c","d"]}""" : """{"type":"string","maxLength":9}""";
        string tags = format.Shape == CallShape.Pairs ? """{"type":"array","enum":[[],["a",2]]}"""
            : """{"type":"array","items":{"type":"string","maxLength":4},"maxItems":2}""";
        AIFunctionDeclaration[] tools =
        [
            Spoken.Tool("empty", """{"type":"object","properties":{}}"""),
            Spoken.Tool(
                "full",
                $$"""{"type":"object","properties":{"text":{{text}},"count":{"type":"integer","minimum":-9,"maximum":99},"tags":"""
                + tags + ""","kind":{"type":"string","enum":["a","]} "]} },"required":["text","tags"]}"""),
        ];
        string grammar = ToolGrammar.Forced(format, new ToolRequest(tools, true, null, true)).Text;
        Random random = new(7);
        int complete = 0;
        for (int round = 0; round < 8; round++)
        {
            if (GrammarMatcher.Draw(grammar, random, most: 800) is not { } drawn)
                continue;
            complete++;
            List<AIContent> contents = Spoken.Contents(format, null, [drawn], tools: tools);
            Assert.NotEmpty(contents);
            Assert.All(contents, content => AssertValid(Assert.IsType<FunctionCallContent>(content), tools, drawn));
        }

        Assert.InRange(complete, 5, 8);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Free_FollowsTheMarkOnly(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        Grammar? grammar = ToolGrammar.Free(format, Many);
        Assert.Equal(name == "Llama 3", grammar is null);
        if (grammar is null)
            return;
        string call = Write(format, ("time", "{}"));
        string mark = grammar.Triggers.First(trigger => call.Contains(trigger, StringComparison.Ordinal));
        Assert.StartsWith(mark, call, StringComparison.Ordinal);
        Assert.True(GrammarMatcher.Accepts(grammar.Text, call));
        Assert.All(grammar.Triggers, trigger => Assert.True(GrammarMatcher.AcceptsBeginning(grammar.Text, trigger)));
    }

    [Fact]
    public void Forced_CombinationThatDeclaresNothing_LeavesWhatIsDeclared()
    {
        const string Schema = """
            {
              "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"type": "string"}}, "required": ["a"],
              "anyOf": [{"required": ["b"]}, {"required": ["a"]}]
            }
            """;
        ToolCallFormat format = Spoken.Format("Qwen3-Coder");
        string grammar = ToolGrammar.Forced(format, Any with { Tools = [Spoken.Tool("tool", Schema)] }).Text;
        Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("tool", """{"a":"x"}"""))));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("tool", """{"a":"y"}"""))));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("tool", """{"c":"x"}"""))));
    }

    // Adapters add the empty properties.
    [Theory]
    [InlineData("""{"properties":{},"anyOf":[{"properties":{"path":{"type":"string"}},"required":["path"]}]}""", false)]
    [InlineData("""{"properties":{},"$ref":"#/$defs/a","$defs":{"a":{"properties":{"path":{}},"required":["path"]}}}""", false)]
    [InlineData("""{"properties":{},"required":["path"],"additionalProperties":{"type":"string"}}""", false)]
    [InlineData("""{"properties":{"n":{}},"required":["path"],"anyOf":[{"properties":{"path":{"type":"string"}}}]}""", false)]
    [InlineData("""{"properties":{}}""", true)]
    [InlineData("""{"properties":{},"anyOf":null,"allOf":{},"$ref":null}""", true)]
    public void Forced_ArgumentsDeclaredElsewhere_CanBeWritten(string schema, bool takesNothing)
    {
        List<string> reports = [];
        ToolRequest request = Any with { Tools = [Spoken.Tool("tool", schema)] };
        string grammar = ToolGrammar.Forced(ToolCallFormat.Generic, request).Text;
        Assert.Equal(takesNothing, GrammarMatcher.Accepts(grammar, Write(ToolCallFormat.Generic, ("tool", "{}"))));
        Assert.Equal(!takesNothing, GrammarMatcher.Accepts(grammar, Write(ToolCallFormat.Generic, ("tool", """{"path":"x"}"""))));
        foreach (string name in (string[])["Qwen3-Coder", "LFM2"])
        {
            ToolCallFormat format = Spoken.Format(name);
            grammar = ToolGrammar.Forced(format, request, report: reports.Add).Text;
            Assert.Equal(!takesNothing, GrammarMatcher.Accepts(grammar, Write(format, ("tool", """{"path":"x"}"""))));
        }

        Assert.Equal(takesNothing ? 0 : 2, reports.Count(static report => report.Contains("'properties'", StringComparison.Ordinal)));
    }

    [Fact]
    public void Forced_OpenThought_EndsBeforeTheCall()
    {
        ReasoningFormat reasoning = ReasoningFormat.For("</think>")!;
        string grammar = ToolGrammar.Forced(ToolCallFormat.Generic, Any, reasoning, new AnswerBeginning(InReasoning: true)).Text;
        string call = Write(ToolCallFormat.Generic, ("time", "{}"));
        Assert.True(GrammarMatcher.Accepts(grammar, "a < b </ </thin</think>\n\n" + call));
        Assert.True(GrammarMatcher.Accepts(grammar, "</think>" + call));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, "x</think>y"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("<think>\na < b </ </thin\n</think>\n\n", true)]
    [InlineData("<think></think>", true)]
    [InlineData("Hm.</think>", false)] // no thought was begun
    [InlineData("<think>a</think><think>b</think>", false)]
    [InlineData("<think>", false)]
    public void Forced_ModelThatThinks_MayThinkFirst(string thought, bool accepted)
    {
        ReasoningFormat reasoning = ReasoningFormat.For("</think>")!;
        string call = Write(ToolCallFormat.Generic, ("time", "{}"));
        string free = ToolGrammar.Forced(ToolCallFormat.Generic, Any, reasoning, new AnswerBeginning(MayReason: true)).Text;
        Assert.Equal(accepted, GrammarMatcher.Accepts(free, thought + call));
        string closed = ToolGrammar.Forced(ToolCallFormat.Generic, Any, reasoning).Text;
        Assert.Equal(thought.Length == 0, GrammarMatcher.Accepts(closed, thought + call));
    }

    [Fact]
    public void Forced_Channels_TakesTheThoughtAndTheNextMessage()
    {
        ToolCallFormat format = Spoken.Format("gpt-oss");
        ReasoningFormat reasoning = ReasoningFormat.For("<|channel|>analysis")!;
        string grammar = ToolGrammar.Forced(format, Any, reasoning, new AnswerBeginning(MayReason: true)).Text;
        string call = Write(format, ("time", "{}"));
        Assert.True(GrammarMatcher.Accepts(grammar, call));
        Assert.True(GrammarMatcher.Accepts(grammar, "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant" + call));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, "<|channel|>final"));
    }

    [Theory]
    [InlineData("Kimi K2", "<|tool_call_begin|>functions.time:12<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>")]
    [InlineData("Solar", "<|tool_call:begin|>0a9z0a9z0a<|tool_call:name|>time<|tool_call:args|>{}<|tool_call:end|>")]
    public void Forced_IdsThatTheModelMakesUp_AreAccepted(string name, string call) =>
        Assert.True(GrammarMatcher.Accepts(ToolGrammar.Forced(Spoken.Format(name), Any).Text, call));

    // The prompt ends with the mark of a call.
    [Fact]
    public void Free_InACall_IsACallOrText()
    {
        ToolCallFormat format = Spoken.Format("Functionary 3.2");
        AnswerBeginning inCall = new(InCall: true);
        string free = ToolGrammar.Free(format, Many, null, inCall)!.Text, forced = ToolGrammar.Forced(format, Many, null, inCall).Text;
        string forbidden = ToolGrammar.Forbidden(format, inCall)!.Text;
        const string Text = "all\nHello { >>", Calls = "time\n{}>>>weather\n{\"city\": \"Rome\"}";
        Assert.Equal((true, true), (GrammarMatcher.Accepts(free, Text), GrammarMatcher.Accepts(free, Calls)));
        Assert.Equal((false, true), (GrammarMatcher.AcceptsBeginning(forced, Text), GrammarMatcher.Accepts(forced, Calls)));
        Assert.Equal((true, false), (GrammarMatcher.Accepts(forbidden, Text), GrammarMatcher.AcceptsBeginning(forbidden, Calls)));
        Assert.False(GrammarMatcher.AcceptsBeginning(free, "Hello"));
        Assert.Empty(ToolGrammar.Free(format, Many, null, inCall)!.Triggers);
    }

    [Fact]
    public void Forced_ThirtyTools_TakesEach()
    {
        AIFunctionDeclaration[] tools = [.. Enumerable.Range(0, 30).Select(static number => Spoken.Tool(
            $"tool_{number}",
            $$"""{"type":"object","properties":{"a{{number}}":{"type":"string"},"b":{"type":["integer","null"]},"c":"""
            + $$"""{"type":"array","items":{"enum":["x","y"]} } },"required":["a{{number}}"]}"""))];
        foreach (ToolCallFormat format in new[] { ToolCallFormat.Generic, Spoken.Format("Qwen3-Coder") })
        {
            string grammar = ToolGrammar.Forced(format, new ToolRequest(tools, true, null, false)).Text;
            Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("tool_29", """{"a29":"x","b":null,"c":["x"]}"""))));
            Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("tool_29", """{"a28":"x"}"""))));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("""{"properties":{}}""")]
    [InlineData("""{"condition":"stray","type":"object"}""")]
    public void Forced_SchemaThatSaysLittle_WantsAnObject(string schema)
    {
        string grammar = ToolGrammar.Forced(
            ToolCallFormat.Generic, new ToolRequest([Spoken.Tool("odd name \"x\"", schema)], true, null, false)).Text;
        Assert.True(GrammarMatcher.Accepts(grammar, Write(ToolCallFormat.Generic, ("odd name \"x\"", "{}"))));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(ToolCallFormat.Generic, ("odd name \"x\"", "[]"))));
    }

    // As OpenAPI writes polymorphism: the base lists those that are derived from it, and each of these is all of the base.
    [Fact]
    public void Forced_ReferencesInACircleThroughAllOf_AreOpenAndTold()
    {
        const string Schema = """
            {
              "type": "object", "properties": {"pet": {"$ref": "#/$defs/Pet"}, "n": {"type": "integer"}}, "required": ["pet"],
              "$defs": {
                "Pet": {
                  "type": "object", "properties": {"kind": {"type": "string"}},
                  "oneOf": [{"$ref": "#/$defs/Dog"}, {"$ref": "#/$defs/Cat"}]
                },
                "Dog": {"allOf": [{"$ref": "#/$defs/Pet"}, {"properties": {"barks": {"type": "boolean"}}, "required": ["barks"]}]},
                "Cat": {"allOf": [{"$ref": "#/$defs/Pet"}, {"properties": {"purrs": {"type": "boolean"}}, "required": ["purrs"]}]}
              }
            }
            """;
        List<string> reports = [];
        ToolRequest request = new([Spoken.Tool("tool", Schema)], true, null, false);
        string grammar = ToolGrammar.Forced(ToolCallFormat.Generic, request, report: reports.Add).Text;
        foreach (string pet in (string[])["""{"kind":"x","barks":true}""", """{"purrs":false}"""])
            Assert.True(GrammarMatcher.Accepts(grammar, Write(ToolCallFormat.Generic, ("tool", $$"""{"pet":{{pet}},"n":1}"""))), pet);
        foreach (string pet in (string[])["""{"kind":"x"}""", """{"kind":1,"barks":true}""", "1"])
            Assert.False(GrammarMatcher.Accepts(grammar, Write(ToolCallFormat.Generic, ("tool", $$"""{"pet":{{pet}}}"""))), pet);
        Assert.Equal(2, reports.Count(static report => report.Contains("/allOf/0/$ref'", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Twelve.", true)]
    [InlineData("a <tool_cal> b </tool_call", true)]
    [InlineData("", true)]
    [InlineData("<tool_call>", false)]
    [InlineData("x <<tool_call>", false)]
    public void Forbidden_TakesTextWithoutTheMark(string text, bool accepted) =>
        Assert.Equal(accepted, GrammarMatcher.Accepts(ToolGrammar.Forbidden(ToolCallFormat.Generic)!.Text, text));

    private static string Write(ToolCallFormat format, params (string Name, string Arguments)[] calls) =>
        ToolCallText.Write(format, calls.Select(static call => (call.Name, JsonElement.Parse(call.Arguments))));

    private static void AssertValid(FunctionCallContent call, AIFunctionDeclaration[] tools, string text)
    {
        Assert.True(call.Exception is null, text);
        IDictionary<string, object?> arguments = call.Arguments!;
        JsonElement schema = tools.Single(tool => tool.Name == call.Name).JsonSchema;
        if (schema.TryGetProperty("required", out JsonElement required))
            Assert.All(required.EnumerateArray(), name => Assert.True(arguments.ContainsKey(name.GetString()!), text));
        foreach ((string key, object? value) in arguments)
        {
            JsonElement wanted = schema.GetProperty("properties").GetProperty(key);
            JsonValueKind kind = ((JsonElement)value!).ValueKind;
            Assert.Equal(
                wanted.GetProperty("type").GetString(),
                kind switch
                {
                    JsonValueKind.String => "string",
                    JsonValueKind.Number => "integer",
                    JsonValueKind.Array => "array",
                    _ => kind.ToString(),
                });
            if (kind == JsonValueKind.String && wanted.TryGetProperty("enum", out JsonElement choices))
                Assert.Contains(
                    ((JsonElement)value).GetString(),
                    choices.EnumerateArray().Select(static choice => choice.GetString()),
                    StringComparer.Ordinal);
        }
    }
}
