using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using KvNorm.Tests.Chat.Replies;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Dialects;

/// <summary>What is recognised by a template, and which grammar an answer gets.</summary>
public sealed class AnswerFormatTests
{
    private const string Hermes = "{{ tools }} <tool_call> arguments {{ m.tool_calls }}";
    private const string Llama = "{{ tools }} dictionary of argument name and its value";
    private const string Phi = "{{ '<|tool|>' + message['tools'] + '<|/tool|>' }}";
    private const string Thinking = "{{ '</think>' }}";

    private static readonly AIFunctionDeclaration Weather = Spoken.Tools[0];

    public static TheoryData<string?, string, bool, bool, bool> Templates => new()
    {
        { null, "generic", false, false, false },
        { "{{ messages }}", "generic", false, false, false },
        { "<tool_call> arguments", "generic", false, false, false }, // takes no tools
        { Hermes, "Hermes", true, true, true },
        { "{{ tools }} <tool_call> arguments", "Hermes", true, true, false },
        { Phi, "Phi-4-mini", true, false, false }, // the system message takes them
    };

    [Theory]
    [MemberData(nameof(Templates))]
    public void Create_Template_SaysWhatItWrites(string? template, string tools, bool rendersTools, bool takesTools, bool rendersCalls)
    {
        AnswerFormat format = new(template, []);
        Assert.Equal((tools, rendersTools, takesTools, rendersCalls), (format.Tools.Name, format.RendersTools, format.TakesTools, format.RendersCalls));
    }

    [Theory]
    [InlineData(null, null, "reasoning_content")]
    [InlineData(Hermes, null, "reasoning_content")]
    [InlineData(Thinking, "<think>", "reasoning_content")]
    [InlineData("[THINK]", "[THINK]", "reasoning_content")]
    [InlineData("<|channel|>analysis", "<|channel|>analysis<|message|>", "thinking")]
    public void Create_Template_SaysHowItThinks(string? template, string? start, string key)
    {
        AnswerFormat format = new(template, []);
        Assert.Equal((start, key), (format.Reasoning?.Start, format.ReasoningKey));
    }

    [Fact]
    public void IsMark_ControlTokens_AreThoseOfTheFormat()
    {
        (string, int)[] specials = [("<tool_call>", 1), ("</think>", 2), ("<|im_end|>", 3), ("[TOOL_CALLS]", 4)];
        AnswerFormat format = new(Hermes + Thinking, specials);
        Assert.Equal([true, true, false, false], specials.Select(special => format.IsMark(special.Item2)));
        Assert.Equal([true, false, false, false], specials.Select(special => new AnswerFormat(Hermes, specials).IsMark(special.Item2))); // no thoughts
    }

    [Fact]
    public void IsMark_TokenThatIsAPartOfAMark_IsOne()
    {
        AnswerFormat format = new("<|channel|>analysis", [("<|channel|>", 1), ("<|message|>", 2), ("<|im_start|>", 3)]);
        Assert.Equal((true, true, false), (format.IsMark(1), format.IsMark(2), format.IsMark(3)));
    }

    [Fact]
    public void Grammar_NothingAsked_IsNone() => Assert.Null(Grammar(Hermes, new ChatOptions()));

    [Fact]
    public void Grammar_ToolsInAuto_WaitsForTheMark()
    {
        Assert.Equal("<tool_call>", Assert.Single(Grammar(Hermes, With(ChatToolMode.Auto))!.Triggers));
        Assert.Null(Grammar(Llama, With(ChatToolMode.Auto))); // no mark to wait for
    }

    [Fact]
    public void Grammar_ToolsForced_HoldsFromTheFirstTokenWhateverElseIsAsked()
    {
        ChatOptions both = With(ChatToolMode.RequireAny);
        both.ResponseFormat = ChatResponseFormat.Json;
        Grammar grammar = Grammar(Hermes, both)!;
        Assert.Empty(grammar.Triggers);
        Assert.Equal(Grammar(Hermes, With(ChatToolMode.RequireAny))!.Text, grammar.Text);
    }

    [Fact]
    public void Grammar_ToolsForbidden_WantsTextOrJson()
    {
        ChatOptions both = With(ChatToolMode.None), json = new() { ResponseFormat = ChatResponseFormat.Json };
        Assert.Empty(Grammar(Hermes, both)!.Triggers);
        both.ResponseFormat = ChatResponseFormat.Json;
        Assert.Equal(Grammar(Hermes, json)!.Text, Grammar(Hermes, both)!.Text);
    }

    [Fact]
    public void Grammar_Any_MayWriteTheMarksOfTheFormat()
    {
        (string, int)[] specials = [("<tool_call>", 7), ("<|im_end|>", 8)];
        Assert.Equal(7, Assert.Single(Grammar(Hermes, With(ChatToolMode.RequireAny), specials: specials)!.ControlTokens));
    }

    internal static Grammar? Grammar(string template, ChatOptions options, bool inThought = false, params IReadOnlyList<(string, int)> specials)
    {
        AnswerFormat format = new(template, specials);
        return format.Grammar(ChatRequest.Create([User("Hi")], options, new KvNormChatOptions(), new SilentChatClient(), format), inThought);
    }

    private static ChatOptions With(ChatToolMode mode) => new() { Tools = [Weather], ToolMode = mode };
}
