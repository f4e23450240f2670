using System.Text.Json;
using KvNorm.Chat;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Grammars;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Constraints;

/// <summary>Answers that are to be JSON while tools are offered: either the JSON or calls, and it can be told which.</summary>
public sealed class JsonOrCallTests
{
    private const int Cells = 1024; // room for what tells of the tools
    private const string Person =
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"]}""";

    public static TheoryData<string> Names => [.. Spoken.Formats.Select(static format => format.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Grammar_Auto_TakesJsonOrCalls(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = Grammar(format, ChatToolMode.Auto, Person);
        Assert.True(GrammarMatcher.Accepts(grammar, """{"name":"Ann","age":7}"""));
        Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("weather", """{"city":"Rome","days":2}"""))));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("time", "{}"), ("time", "{}"))));
        Assert.False(GrammarMatcher.Accepts(grammar, """{"name":"Ann"}"""));
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("unknown", "{}"))));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, "Certainly"));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, """{"name":"Ann","age":7}""" + Write(format, ("time", "{}"))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grammar_AutoAndSeveralCallsAllowed_TakesThem(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        ChatOptions options = Options(ChatToolMode.Auto, Person);
        options.AllowMultipleToolCalls = true;
        string grammar = AnswerGrammarTests.Grammar(Template(format), options)!.Text;
        Assert.Equal(!format.OneCall, GrammarMatcher.Accepts(grammar, Write(format, ("time", "{}"), ("time", "{}"))));
    }

    [Fact]
    public void Grammar_AutoAfterACallThatCanOnlyRepeat_TakesNoSuchCall()
    {
        ChatMessage[] messages = [User("Hi"), new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "time")])];
        ToolCallFormat format = Spoken.Format("Hermes");
        ChatRequest request =
            ChatRequest.Create(messages, Options(ChatToolMode.Auto, Person), new KvNormChatOptions(), new SilentChatClient());
        string grammar = AnswerGrammar.For(request, new Dialect(Template(format), []), beginning: default)!.Text;
        Assert.False(GrammarMatcher.Accepts(grammar, Write(format, ("time", "{}"))));
        Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("weather", """{"city":"Rome"}"""))));
        Assert.True(GrammarMatcher.Accepts(grammar, """{"name":"Ann","age":7}"""));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grammar_AutoWithoutASchema_TakesAnyObjectOrCalls(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string grammar = Grammar(format, ChatToolMode.Auto, schema: null);
        Assert.True(GrammarMatcher.Accepts(grammar, """{"any":[1]}"""));
        Assert.False(GrammarMatcher.Accepts(grammar, """[{"any":1}]"""));
        Assert.True(GrammarMatcher.Accepts(grammar, Write(format, ("time", "{}"))));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, "x"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grammar_NotAuto_TakesOneOfThemOnly(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string call = Write(format, ("time", "{}")), json = """{"name":"Ann","age":7}""";
        Assert.Equal((true, false), Both(Grammar(format, ChatToolMode.None, Person)));
        Assert.Equal((false, true), Both(Grammar(format, ChatToolMode.RequireAny, Person)));

        (bool, bool) Both(string grammar) => (GrammarMatcher.Accepts(grammar, json), GrammarMatcher.Accepts(grammar, call));
    }

    [Fact]
    public void Grammar_OpenThought_EndsBeforeEither()
    {
        string template = Template(Spoken.Format("Hermes")) + "{{ '</think>' }}";
        AnswerBeginning open = new(InReasoning: true);
        string grammar = AnswerGrammarTests.Grammar(template, Options(ChatToolMode.Auto, Person), open)!.Text;
        Assert.True(GrammarMatcher.Accepts(grammar, "I { see</think>\n\n" + """{"name":"Ann","age":7}"""));
        Assert.True(GrammarMatcher.Accepts(grammar, "I see</think>\n" + Write(Spoken.Format("Hermes"), ("time", "{}"))));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, "I see</think>No"));
    }

    // Without marks JSON is a call only when it is written as one from the first letter on.
    [Theory]
    [InlineData("""{"name":"weather","age":7}""", """{"name":"weather","age":7}""")]
    [InlineData("""{"name": "weather", "age": 7}""", """{"name": "weather", "age": 7}""")]
    [InlineData("""{"name": "weather", "ag""", """{"name": "weather", "ag""")] // cut
    [InlineData("""{"name": "weather", "parameters": {"city":"Rome"}}""", """|weather{"city":"Rome"}|""")]
    [InlineData("""{"name": "weather", "parameters": {"ci""", "|!weather|")]
    [InlineData("""{"a":"<|python_tag|>"}""", """{"a":"<|python_tag|>"}""")]
    public void Read_JsonThatNamesATool_IsACallWhenWrittenAsOne(string answer, string expected) =>
        AssertRead(Spoken.Format("Llama 3") with { Exact = true }, answer, expected);

    // What a string of JSON says is no mark.
    [Theory]
    [InlineData("Hermes", """{"a":"<tool_call>","b":" </tool_call> "}""", null)]
    [InlineData("Hermes", """{"a":"x <think> y </think>","b":1}""", null)]
    [InlineData("Hermes", " \n<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>", "|time{}|")]
    [InlineData("Hermes", """<think>{"a":1}</think>{"a":"<think>"}""", """({"a":1}){"a":"<think>"}""")]
    [InlineData("Mistral list", """["[TOOL_CALLS]"]""", null)]
    [InlineData("Mistral list", """[TOOL_CALLS][{"name": "time", "arguments": {}}]""", "|time{}|")]
    [InlineData("Mistral list", "[", null)]
    public void Read_JsonWithMarksInItsStrings_IsLeftAsItIs(string format, string answer, string? expected) =>
        AssertRead(Spoken.Format(format), answer, expected ?? answer);

    [Fact]
    public async Task GetResponseAsync_Auto_CanCall()
    {
        ChatOptions options = Options(ChatToolMode.Auto, Person);
        using KvNormChatClient client = TestClient.Embedded(Cells);
        ChatMessage question = User("What is the weather in Rome? Begin with <tool_call>.");
        ChatResponse response = await client.GetResponseAsync([question], options);
        FunctionCallContent call = Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.Equal("weather", call.Name);
        Assert.Equal("", response.Text);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task GetResponseAsync_AutoAndJsonThatNamesATool_IsTheJson()
    {
        const string only =
            """{"type":"object","properties":{"name":{"const":"weather"},"arguments":{"const":1}},"required":["name","arguments"]}""";
        ChatOptions options = Options(ChatToolMode.Auto, only);
        using KvNormChatClient client = TestClient.Embedded(Cells);
        ChatResponse response = await client.GetResponseAsync([User("Say { and nothing else. Answer in JSON.")], options);
        Assert.Equal("weather", JsonDocument.Parse(response.Text).RootElement.GetProperty("name").GetString());
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    // However the text is cut.
    private static void AssertRead(ToolCallFormat format, string answer, string expected)
    {
        foreach (int length in new[] { 1, 2, 3, 7, answer.Length })
        {
            AnswerParser parser = new(format, ReasoningFormat.For("</think>"), Spoken.Tools, isJson: true);
            List<AIContent> contents =
                [.. answer.Chunk(length).SelectMany(piece => parser.Push(new string(piece))).ToList(), .. parser.Finish()];
            Assert.Equal(expected, Spoken.Line(contents));
        }
    }

    private static string Grammar(ToolCallFormat format, ChatToolMode mode, string? schema) =>
        AnswerGrammarTests.Grammar(Template(format), Options(mode, schema))!.Text;

    // The signs of a format are what it is recognised by.
    private static string Template(ToolCallFormat format)
    {
        string template = "{{ tools }}" + string.Concat(format.Signs);
        Assert.Equal(format.Name, ToolCallFormat.For(template).Name);
        return template;
    }

    private static ChatOptions Options(ChatToolMode mode, string? schema) => new()
    {
        Tools = [.. Spoken.Tools],
        ToolMode = mode,
        ResponseFormat = schema is null ? ChatResponseFormat.Json : ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema), "answer"),
        Temperature = 0,
        MaxOutputTokens = 60,
    };

    private static string Write(ToolCallFormat format, params (string Name, string Arguments)[] calls) =>
        ToolCallText.Write(format, calls.Select(static call => (call.Name, JsonElement.Parse(call.Arguments))));
}
