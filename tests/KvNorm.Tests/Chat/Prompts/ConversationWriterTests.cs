using KvNorm.Chat.Prompts;
using KvNorm.Chat.Requests;
using KvNorm.Jinja.Tests.Oracle;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class ConversationWriterTests
{
    private const int Conversations = 30; // of each template
    private const string NeedsMore = "fireworks-ai-llama-3-firefunction-v2"; // a variable that nobody gives

    /// <summary>Conversations by name, and in which order their parts stand in the prompts of real templates.</summary>
    public static TheoryData<string, string, string[]> Expected => new()
    {
        {
            "openai-gpt-oss-120b",
            "text, thought and call",
            ["<|channel|>final<|message|>I look.<|end|>", "Hm.", "to=functions.look", "fine"]
        },
        { "deepseek-ai-DeepSeek-V3.1", "call", ["<tool_call>", "{\"at\":\"Rome\"}", "fine"] }, // takes no tools
        { "Qwen3.5-4B", "late system text", ["S1", "U1", "A1", "user\nS2\n\nU2"] },
        { "mistralai-Mistral-Nemo-Instruct-2407", "late system text", ["[INST]S1\n\nU1[/INST]", "A1", "[INST]S2\n\nU2[/INST]"] },
        { "Mistral-Small-3.2-24B-Instruct-2506", "late system text", ["S1", "U1", "A1", "[INST]S2\n\nU2[/INST]"] },
        { "mistralai-Ministral-3-14B-Reasoning-2512", "late system text", ["S1", "U1", "A1", "[INST]S2\n\nU2[/INST]"] },
        { "mistralai-Mistral-Nemo-Instruct-2407", "user behind a result", ["U1", "look", "fine", "OK.", "[INST]U2[/INST]"] },
        { "Mistral-Small-3.2-24B-Instruct-2506", "user behind a result", ["U1", "look", "fine", "OK.", "[INST]U2[/INST]"] },
        { "mistralai-Mistral-Nemo-Instruct-2407", "user behind a call", ["U1", "look", "No result.", "OK.", "[INST]U2[/INST]"] },
        { "Mistral-Small-3.2-24B-Instruct-2506", "one of two calls answered", ["look", "look", "fine", "No result.", "OK.", "U2"] },
        { "mistralai-Mistral-Nemo-Instruct-2407", "assistant first", ["[INST]Go on.[/INST]", "A1", "[INST]U1[/INST]"] },
        { "mistralai-Ministral-3-14B-Reasoning-2512", "thought alone", ["U1", "[THINK]Hm.[/THINK]", "U2"] },
        { "google-gemma-2-2b-it", "system text", ["<start_of_turn>user\nS1\n\nU1<end_of_turn>"] },
        { "microsoft-Phi-3.5-mini-instruct", "large integer", ["12345678901234567890"] },
        { "Qwen-Qwen3-0.6B", "large integer", ["12345678901234567890"] },
        { "deepseek-ai-DeepSeek-V3.1", "large integer", ["12345678901234567890"] },
        { "Qwen-Qwen3-0.6B", "mark of a thought in an answer", ["A1 </think> A2", "U2"] },
    };

    private static readonly Dictionary<string, ChatMessage[]> Named = new(StringComparer.Ordinal)
    {
        ["text, thought and call"] =
            [User("U1"), Says(new TextReasoningContent("Hm."), new TextContent("I look."), Call("1", "Rome")), Result("1")],
        ["call"] = [User("U1"), Says(Call("1", "Rome")), Result("1")],
        ["late system text"] = [Instruct("S1"), User("U1"), Assistant("A1"), Instruct("S2"), User("U2")],
        ["user behind a result"] = [User("U1"), Says(Call("1", "Rome")), Result("1"), User("U2")],
        ["user behind a call"] = [User("U1"), Says(Call("1", "Rome")), User("U2")],
        ["one of two calls answered"] = [User("U1"), Says(Call("1", "Rome"), Call("2", "Oslo")), Result("1"), User("U2")],
        ["assistant first"] = [Assistant("A1"), User("U1")],
        ["thought alone"] = [User("U1"), Says(new TextReasoningContent("Hm.")), User("U2")],
        ["system text"] = [Instruct("S1"), User("U1")],
        ["large integer"] = [User("U1"), Says(Call("1", 12345678901234567890)), Result("1"), Assistant("A1"), User("U2")],
        ["mark of a thought in an answer"] = [User("U1"), Assistant("A1 </think> A2"), User("U2")],
    };

    [RealTemplatesTheory]
    [MemberData(nameof(Expected))]
    public void Write_WhatATemplateDoesNotTakeAsItIs_StandsWhereItCan(string template, string conversation, string[] parts)
    {
        string prompt = Write(ChatTemplates.Named(template), Named[conversation]);
        int at = 0;
        foreach (string part in parts)
        {
            int next = prompt.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(next >= 0, $"'{part}' is not in its place in: {prompt}");
            at = next + part.Length;
        }
    }

    [Fact]
    public void Write_TemplateThatJoinsArgumentsAsText_GetsThemAsJson()
    {
        const string template = """
            {%- if tools %}{{ tools | tojson }}{% endif %}
            {%- for m in messages %}{{ m.content }}
            {%- for call in m.tool_calls or [] %}
            {{- '<｜tool▁call▁begin｜>' + call.function.name + '<｜tool▁sep｜>' + call.function.arguments + '<｜tool▁call▁end｜>' }}
            {%- endfor %}{% endfor %}
            """;
        Assert.Contains(
            "<｜tool▁call▁begin｜>look<｜tool▁sep｜>{\"at\":\"Rome\"}<｜tool▁call▁end｜>",
            Write(ChatTemplates.Writer(template), Named["call"]),
            StringComparison.Ordinal);
    }

    // The one refusal that is meant: a thought that was cut, where the template writes no thoughts.
    [Theory]
    [MemberData(nameof(ChatTemplates.Names), MemberType = typeof(ChatTemplates))]
    public void Write_AnyConversation_LosesNothingOrNamesTheMessage(string template)
    {
        int refused = 0;
        foreach (GeneratedConversation conversation in GeneratedConversation.Sample(ChatTemplates.Source(template), Conversations, seed: 7))
        {
            try
            {
                string problem = conversation.Check(ChatTemplates.Named(template));
                Assert.True(problem.Length == 0, $"{conversation}: {problem}");
            }
            catch (ChatTemplateException e)
            {
                Assert.Matches("^(Message [0-9]+|The instructions)", e.Message);
                Assert.True(template == NeedsMore || conversation.EndsInAThought, $"{conversation}: {e.Message}");
                refused++;
            }
        }

        Assert.True(template == NeedsMore || refused < Conversations / 4);
    }

    [Fact]
    public void Write_TemplateThatRefusesAMessage_NamesIt()
    {
        ConversationWriter writer = ChatTemplates.Writer(
            "{% for m in messages %}{% if 'bad' in m.content %}{{ raise_exception('no bad words') }}{% endif %}"
            + "{{ m.content }};{% endfor %}");
        ChatTemplateException e = Assert.Throws<ChatTemplateException>(
            () => Write(writer, [User("a"), Assistant("b"), User("c"), Assistant("bad"), User("d"), Assistant("e"), User("f")]));
        Assert.StartsWith("Message 3: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("no bad words", e.Message, StringComparison.Ordinal);
        Assert.True(e.RaisedByTemplate);
    }

    // What was written of a conversation stays when it goes on, so that the cache holds it.
    [RealTemplatesTheory]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407")]
    [InlineData("Mistral-Small-3.2-24B-Instruct-2506")]
    [InlineData("mistralai-Ministral-3-14B-Reasoning-2512")]
    [InlineData("google-gemma-2-2b-it")]
    [InlineData("Qwen3.5-4B")]
    public void Write_ConversationThatGoesOn_KeepsItsBeginning(string template)
    {
        ChatMessage[] messages = [Instruct("S1"), User("U1"), Assistant("A1"), Instruct("S2"), User("U2"), Assistant("A2"), User("U3")];
        string whole = Write(ChatTemplates.Named(template), messages);
        foreach (int count in new[] { 2, 5 })
        {
            string part = Write(ChatTemplates.Named(template), messages[..count]);
            string last = messages[count - 1].Text;
            int end = part.LastIndexOf(last, StringComparison.Ordinal) + last.Length;
            Assert.StartsWith(part[..end], whole, StringComparison.Ordinal);
        }
    }

    private static ChatMessage Says(params AIContent[] contents) => new(ChatRole.Assistant, contents);

    private static FunctionCallContent Call(string id, object at) =>
        new(id, "look", new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = at });

    private static ChatMessage Result(string id) => new(ChatRole.Tool, [new FunctionResultContent(id, "fine")]);

    private static string Write(ConversationWriter writer, ChatMessage[] messages)
    {
        ChatRequest request = ChatRequest.Create(messages, null, new KvNormChatOptions(), new SilentChatClient());
        return string.Concat(writer.Write(request, default).Text.Pieces.Select(static piece => piece.Text));
    }
}
