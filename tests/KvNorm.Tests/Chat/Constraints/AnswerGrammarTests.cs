using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Grammars;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Constraints;

/// <summary>Which grammar an answer gets.</summary>
public sealed class AnswerGrammarTests
{
    private const string Hermes = "{{ tools }} <tool_call> arguments {{ m.tool_calls }}";
    private const string Llama = "{{ tools }} dictionary of argument name and its value";

    private static readonly AIFunctionDeclaration Weather = Spoken.Tools[0];

    [Fact]
    public void For_NothingAsked_IsNone() => Assert.Null(Grammar(Hermes, new ChatOptions()));

    [Fact]
    public void For_ToolsInAuto_WaitsForTheMark()
    {
        Assert.Equal("<tool_call>", Assert.Single(Grammar(Hermes, With(ChatToolMode.Auto))!.Triggers));
        Assert.Null(Grammar(Llama, With(ChatToolMode.Auto))); // no mark to wait for
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void For_ToolsInAuto_DoesNotTakeWhatAThoughtSpeaksOfForACall(bool isOpen)
    {
        AnswerBeginning beginning = new(isOpen, MayReason: !isOpen);
        TriggerPause? pause = Grammar(Hermes + "{{ '</think>' }}", With(ChatToolMode.Auto), beginning)!.Pause;
        Assert.NotNull(pause);
        Assert.Equal(("<think>", isOpen), (pause.Start, pause.IsOpen));
        Assert.Equal("</think>", Assert.Single(pause.Ends));
        Assert.Null(Grammar(Hermes, With(ChatToolMode.Auto))!.Pause);
    }

    [Fact]
    public void For_ToolsForced_HoldsFromTheFirstTokenWhateverElseIsAsked()
    {
        ChatOptions both = With(ChatToolMode.RequireAny);
        both.ResponseFormat = ChatResponseFormat.Json;
        Grammar grammar = Grammar(Hermes, both)!;
        Assert.Empty(grammar.Triggers);
        Assert.Equal(Grammar(Hermes, With(ChatToolMode.RequireAny))!.Text, grammar.Text);
    }

    [Fact]
    public void For_ToolsForbidden_WantsTextOrJson()
    {
        ChatOptions both = With(ChatToolMode.None), json = new() { ResponseFormat = ChatResponseFormat.Json };
        Assert.Empty(Grammar(Hermes, both)!.Triggers);
        both.ResponseFormat = ChatResponseFormat.Json;
        Assert.Equal(Grammar(Hermes, json)!.Text, Grammar(Hermes, both)!.Text);
    }

    [Fact]
    public void For_Any_MayWriteTheMarksOfTheDialect()
    {
        (string, int)[] specials = [("<tool_call>", 7), ("<|im_end|>", 8)];
        Assert.Equal(7, Assert.Single(Grammar(Hermes, With(ChatToolMode.RequireAny), specials: specials)!.ControlTokens));
    }

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("<think>\nOne.\n</think>\n\n{\"a\":1}", true)]
    [InlineData("<think>One.</think>x", false)]
    [InlineData("<think>One.</think>", false)]
    [InlineData("One.</think>{\"a\":1}", false)]
    public void For_JsonOfAModelThatThinks_IsAThoughtAndTheJson(string answer, bool accepted)
    {
        ChatOptions json = new() { ResponseFormat = ChatResponseFormat.Json };
        AnswerBeginning mayThink = new(MayReason: true);
        Assert.Equal(accepted, GrammarMatcher.Accepts(Grammar("</think>", json, mayThink)!.Text, answer));
        json.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None };
        Assert.Equal(answer[0] == '{', GrammarMatcher.Accepts(Grammar("</think>", json, mayThink)!.Text, answer));
    }

    [Theory]
    [InlineData("<|channel|>final <|constrain|>json<|message|>{\"a\":1}", true)]
    [InlineData("<|channel|>final<|message|>{\"a\":1}", true)]
    [InlineData("<|channel|>analysis<|message|>One.<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>{\"a\":1}", true)]
    [InlineData("<|channel|>final<|message|>One.", false)]
    public void For_JsonInAChannel_LetsItsHeaderThrough(string answer, bool accepted)
    {
        ChatOptions json = new() { ResponseFormat = ChatResponseFormat.Json };
        string grammar = Grammar("<|channel|>analysis", json, new AnswerBeginning(MayReason: true))!.Text;
        Assert.Equal(accepted, GrammarMatcher.Accepts(grammar, answer));
    }

    [Fact]
    public void For_JsonWhereThePromptBeganACall_IsText()
    {
        ChatOptions json = new() { ResponseFormat = ChatResponseFormat.Json };
        string grammar = Grammar("{{ tools }} >>>${recipient}", json, new AnswerBeginning(InCall: true))!.Text;
        Assert.True(GrammarMatcher.Accepts(grammar, "all\n{\"a\":1}"));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, "{"));
    }

    internal static Grammar? Grammar(
        string template, ChatOptions options, AnswerBeginning beginning = default, params IReadOnlyList<(string, int)> specials)
    {
        ChatRequest request = ChatRequest.Create([User("Hi")], options, new KvNormChatOptions(), new SilentChatClient());
        return AnswerGrammar.For(request, new Dialect(template, specials), beginning);
    }

    private static ChatOptions With(ChatToolMode mode) => new() { Tools = [Weather], ToolMode = mode };
}
