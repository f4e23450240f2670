using System.Text.Encodings.Web;
using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Requests;
using KvNorm.Tests.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class TemplateMessagesTests
{
    private const string Loop = "{% for tool in tools %}{{ tool }}{% endfor %}{{ message.tool_calls }}";
    private const string Hermes = Loop + "<tool_call> arguments";
    private const string Phi = "{{ '<|tool|>' + message['tools'] + '<|/tool|>' }}";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ToolRequest Tools = new([Spoken.Tools[1]], false, null, true);

    private static ChatMessage[] TwoCalls =>
    [
        new(ChatRole.User, "Ask."),
        new(
            ChatRole.Assistant,
            [new TextContent("I do."), Call("a", "weather", new(StringComparer.Ordinal) { ["city"] = "Rome" }), Call("b", "time")]),
        new(ChatRole.Tool, [new FunctionResultContent("a", "sunny"), new FunctionResultContent("b", JsonElement.Parse("""{"hour":7}"""))]),
        new(ChatRole.Assistant, "Sunny at seven."),
    ];

    [Fact]
    public void Create_Texts_AreMessages() => Assert.Equal(
        """[{"role":"system","content":"First.\n\nSecond."},{"role":"assistant","content":"Hello."},{"role":"user","content":"One."},"""
        + """{"role":"user","content":"Two."},{"role":"system","content":"Late."},{"role":"user","content":""}]""",
        Json(
            Hermes,
            [
                new(ChatRole.System, "First."),
                new(new ChatRole("developer"), "Second."),
                new(ChatRole.Assistant, "Hello."),
                new(ChatRole.User, [new TextContent("On"), new TextContent("e.")]),
                new(ChatRole.User, "Two."),
                new(ChatRole.System, "Late."),
                new(ChatRole.User, []),
            ]));

    [Fact]
    public void Create_Instructions_ComeFirst() => Assert.Equal(
        """[{"role":"system","content":"Be brief.\n\nBe kind."},{"role":"user","content":"Hi"}]""",
        Json(Hermes, [new(ChatRole.System, "Be kind."), new(ChatRole.User, "Hi")], "Be brief."));

    [Fact]
    public void Create_CallsAndResults_AreTheTemplates() => Assert.Equal(
        """[{"role":"user","content":"Ask."},{"role":"assistant","content":"I do.","tool_calls":[{"id":"a","type":"function","function":"""
        + """{"name":"weather","arguments":{"city":"Rome"}}},{"id":"b","type":"function","function":{"name":"time","arguments":{}}}]},"""
        + """{"role":"tool","content":"sunny","tool_call_id":"a","name":"weather"},"""
        + """{"role":"tool","content":"{\"hour\":7}","tool_call_id":"b","name":"time"},{"role":"assistant","content":"Sunny at seven."}]""",
        Json(Hermes, TwoCalls));

    [Fact]
    public void Create_Tools_AreToldOfWhereTheTemplateDoesNot()
    {
        Assert.Equal("""[{"role":"user","content":"Hi"}]""", Json(Hermes, [new(ChatRole.User, "Hi")], null, Tools));
        var messages = TemplateMessages.Create([new(ChatRole.User, "Hi")], "Be brief.", Tools, Format("{{ messages }}"));
        Assert.Equal("Be brief.\n\n" + ToolPrompt.Text(Tools.Tools), messages[0].Text);
        Assert.Equal(
            ToolPrompt.Text(Tools.Tools), TemplateMessages.Create([new(ChatRole.User, "Hi")], null, Tools, Format(null))[0].Text);
    }

    [Fact]
    public void Create_ToolsInTheSystemMessage_AreJson() => Assert.Equal(
        """[{"name": "time", "description": "does it", "parameters": {"type":"object","properties":{}}}]""",
        TemplateMessages.Create([new(ChatRole.User, "Hi")], null, Tools, Format(Phi))[0].Tools);

    public static TheoryData<object?, string> Results => new()
    {
        { null, "" },
        { "text", "text" },
        { 5, "5" },
        { true, "true" },
        { new List<string> { "a", "ö" }, "[\"a\",\"ö\"]" },
        { JsonElement.Parse("\"said\""), "said" },
        { new TextContent("part"), "part" },
        { new List<AIContent> { new TextContent("one "), new TextContent("two") }, "one two" },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public void Create_Result_IsText(object? result, string expected) =>
        Assert.Equal(expected, Result(new FunctionResultContent("a", result)));

    [Fact]
    public void Create_ResultWithAnException_IsAnError() =>
        Assert.Equal(
            "Error: Function failed.", Result(new FunctionResultContent("a", null) { Exception = new InvalidOperationException("no city") }));

    [Fact]
    public void Create_ErrorContent_IsText() =>
        Assert.Equal(
            "Error: refused",
            TemplateMessages.Create(
                [new(ChatRole.Assistant, [new ErrorContent("refused")])], null, ToolRequest.None, Format(null))[0].Text);

    [Fact]
    public void Create_ResultInAUserMessage_ComesBeforeItsText() => Assert.Equal(
        ["assistant", "tool", "user"],
        TemplateMessages.Create(
            [
                new(ChatRole.Assistant, [Call("a", "time")]),
                new(ChatRole.User, [new FunctionResultContent("a", "7"), new TextContent("And?")]),
            ],
            null,
            Tools,
            Format(Hermes))
            .Select(static message => message.Role),
        StringComparer.Ordinal);

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)] // a result needs its call
    public void Create_CallThatWasBrokenOff_IsNoneUnlessItHasAResult(bool answered, int calls)
    {
        FunctionCallContent broken = new("a", "time") { InformationalOnly = true };
        List<ChatMessage> messages = [new(ChatRole.Assistant, [new TextContent("I look."), broken])];
        if (answered)
            messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", "7")]));
        TemplateMessage message = TemplateMessages.Create(messages, null, Tools, Format(Hermes))[0];
        Assert.Equal(("I look.", calls), (message.Text, message.Calls.Count));
    }

    public static TheoryData<ChatMessage, Type, string> Refused => new()
    {
        {
            new(ChatRole.Tool, [new FunctionResultContent("lost", "x")]),
            typeof(ArgumentException),
            "Message 1 has the result of the call 'lost'"
        },
        { new(ChatRole.Tool, "words"), typeof(ArgumentException), "Message 1 has the role 'tool' and text" },
        { new(ChatRole.User, [Call("a", "time")]), typeof(ArgumentException), "Message 1 has the role 'user' and a call of 'time'" },
        {
            new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]),
            typeof(NotSupportedException),
            "Message 1 has content of the type image/png"
        },
        { new(ChatRole.User, [new UriContent("https://example.invalid/a.wav", "audio/wav")]), typeof(NotSupportedException), "audio/wav" },
        { new(ChatRole.User, [new HostedFileContent("f")]), typeof(NotSupportedException), "HostedFileContent" },
        { new(new ChatRole("narrator"), "x"), typeof(NotSupportedException), "Message 1 has the role 'narrator'" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Create_WhatCannotBe_NamesThePlace(ChatMessage message, Type type, string text)
    {
        foreach (string? template in new[] { Hermes, null })
        {
            Exception? e = Record.Exception(
                () => TemplateMessages.Create([new(ChatRole.User, "Hi"), message], null, Tools, Format(template)));
            Assert.IsType(type, e);
            Assert.Contains(text, e!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Create_RolesInCapitals_AreTheSame() =>
        Assert.Equal("""[{"role":"user","content":"Hi"}]""", Json(Hermes, [new(new ChatRole("USER"), "Hi")]));

    [Fact]
    public void Create_EmptyContents_AreEmptyTurns() => Assert.Equal(
        """[{"role":"user","content":""},{"role":"user","content":""},{"role":"user","content":""}]""",
        Json(
            Hermes,
            [new(ChatRole.User, new List<AIContent>()), new(ChatRole.User, (string?)null), new(ChatRole.User, [new TextContent(null)])]));

    private static Dialect Format(string? template) => new(template, []);

    private static FunctionCallContent Call(string id, string name, Dictionary<string, object?>? arguments = null) =>
        new(id, name, arguments);

    private static string Result(FunctionResultContent result) =>
        TemplateMessages.Create(
            [new(ChatRole.Assistant, [Call("a", "time")]), new(ChatRole.Tool, [result])], null, Tools, Format(Hermes))[1].Text;

    private static string Json(string template, ChatMessage[] messages, string? instructions = null, ToolRequest? tools = null)
    {
        MessageForm form = new("reasoning_content", 0);
        IReadOnlyList<TemplateMessage> made = TemplateMessages.Create(messages, instructions, tools ?? ToolRequest.None, Format(template));
        return JsonSerializer.Serialize(made.Select(form.Write), Plain);
    }
}
