using KvNorm.Chat.Prompts;
using KvNorm.Jinja;

namespace KvNorm.Tests.Chat.Prompts;

/// <summary>Where the system prompt and the last user message lie in what a template wrote.</summary>
public sealed class PromptTextTests
{
    private const string Plain = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";

    [Theory]
    [InlineData(Plain, "system: S | user: a | assistant: b | user: c", "[system]S[user]", "c")]
    [InlineData(Plain, "user: a", "[user]", "a")]
    [InlineData(Plain, "system: S", "[system]S", "")]
    [InlineData(Plain, "user: aa | assistant: a | user: aa", "[user]", "aa")]
    [InlineData(Plain, "system: S | assistant: b | user: c", "[system]S[assistant]", "c")]
    [InlineData("{% for m in messages %}[{{ m.content | trim }}]{% endfor %}", "system:  S  | user:  a ", "[S][", "a")]
    [InlineData("default {{ messages[0].content }} end", "user: a", "default ", "a")]
    [InlineData("{% for m in messages %}{% if loop.last %}TOOLS {% endif %}{{ m.content }};{% endfor %}", "user: a | user: b", "", "b")]
    public void Create_FindsBothPlaces(string template, string messages, string system, string open)
    {
        (string text, PromptText places) = Create(template, messages);
        Assert.Equal(system, text[..places.SystemEnd]);
        Assert.Equal(open, text[places.OpenStart..places.OpenEnd]);
    }

    [Theory]
    [InlineData(Plain, "system: S | user: a | assistant: b | user: c", "[system]S[user]a")]
    [InlineData(Plain, "assistant: b | user: c", "[assistant]b[user]c")]
    [InlineData(Plain, "system: S | assistant: b", "")]
    [InlineData(Plain, "result: X | user: c", "[user]X[user]c")]
    [InlineData(Plain, "filler: X | assistant: b | user: c", "[user]X[assistant]b[user]c")]
    [InlineData("{% for m in messages %}{% if loop.last %}TOOLS {% endif %}{{ m.content }};{% endfor %}", "user: a | user: b", "a")]
    public void Create_UsersFirstMessage_EndsWhereItsTextDoes(string template, string messages, string expected)
    {
        (string text, PromptText places) = Create(template, messages);
        Assert.Equal(expected, text[..places.FirstMessageEnd]);
    }

    // What a user types must not move the places, and above all must not have everything pinned.
    [Theory]
    [InlineData("\uE000")]
    [InlineData("\uE000 and more")]
    [InlineData("more and \uE000")]
    [InlineData("\uE000x\uE001")]
    [InlineData("\uE001x\uE000")]
    public void Create_PrivateCharactersTyped_MoveNothing(string typed)
    {
        (string text, PromptText places) = Create(Plain, $"user: {typed} | assistant: x | user: {typed}");
        Assert.Equal("[user]", text[..places.SystemEnd]);
        Assert.Equal(typed, text[places.OpenStart..places.OpenEnd]);
        Assert.True(places.OpenStart > places.SystemEnd);
    }

    [Theory]
    [InlineData("{% for m in messages if m.role != 'assistant' %}[{{ m.content }}]{% endfor %}", "Message 1: ")]
    [InlineData("{{ messages[0].content }}", "Message 1: ")]
    [InlineData("always the same", "Message 0: ")]
    public void Create_TemplateThatLeavesAMessageOut_IsRefusedByItsNumber(string template, string place)
    {
        ChatTemplateException e = Assert.Throws<ChatTemplateException>(() => Create(template, "user: a | assistant: b | user: c"));
        Assert.StartsWith(place + "the chat template leaves its text out", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_TextThatTheTemplateCuts_IsPutInAfterwards()
    {
        const string template = "{% for m in messages %}[{{ m.content.split('</think>')[-1] }}]{% endfor %}";
        (string text, PromptText places) = Create(template, "user: a | assistant: b </think> c | user: d");
        Assert.Equal("[a][b </think> c][d]", text);
        Assert.Equal("d", text[places.OpenStart..places.OpenEnd]);
        Assert.All(places.Pieces, static piece => Assert.Equal(piece.FromTemplate, !piece.Text.Any(char.IsAsciiLetter)));
    }

    [Fact]
    public void Create_TextWithoutLetters_IsNotMissed()
    {
        const string template = "{% for m in messages if m.content | trim %}[{{ m.content }}]{% endfor %}";
        (string text, _) = Create(template, "user: a | assistant:   | user: d");
        Assert.Equal("[a][d]", text);
    }

    [Fact]
    public void Create_TemplateThatRefusesOtherText_PinsNothing()
    {
        PromptText places = PromptText.Create(
            static messages => messages[0].Text == "a"
                ? [new JinjaText("a", FromTemplate: false)]
                : throw new ChatTemplateException("only a", 1, raisedByTemplate: true),
            [new TemplateMessage(TemplateRoles.User, "a", 0)]);
        Assert.Equal(0, places.SystemEnd);
        Assert.Equal(0, places.FirstMessageEnd);
        Assert.Equal(places.OpenStart, places.OpenEnd);
    }

    [Fact]
    public void Create_SystemTextInsideTheFirstMessage_IsPinnedWithoutTheRest()
    {
        (string text, PromptText places) = Create(Plain, "user: SYSTEM rest | assistant: b | user: c", leading: "SYSTEM ".Length);
        Assert.Equal("[user]SYSTEM ", text[..places.SystemEnd]);
        Assert.Equal("[user]SYSTEM rest", text[..places.FirstMessageEnd]);
        Assert.Equal("c", text[places.OpenStart..places.OpenEnd]);
    }

    [Theory]
    [InlineData("user: a | call: X | tool: Y | user: b", "[assistant]X[tool]Y")]
    [InlineData("user: a | call: X | tool: Y | tool: Z | assistant: c", "[assistant]X[tool]Y[tool]Z")]
    [InlineData("user: a | call: X | call: Y | tool: Z | user: b", "[assistant]X[assistant]Y[tool]Z")]
    [InlineData("user: a | call: X | tool: Y | call: Z | tool: W | user: b", "[assistant]X[tool]Y", "[assistant]Z[tool]W")]
    [InlineData("user: a | call: X | user: b | tool: Y | assistant: c")]
    [InlineData("user: a | call: X | user: b")]
    [InlineData("user: a | call: X | tool:   | user: b")]
    [InlineData("user: a | assistant: b | user: c")]
    public void Create_Calls_AreFoundWithTheirResults(string messages, params string[] exchanges)
    {
        (string text, PromptText places) = Create(Plain, messages);
        string[] found = [.. places.Exchanges.Select(exchange => text[exchange.Start..exchange.End])];
        Assert.Equal(exchanges, found);
    }

    private static (string Text, PromptText Places) Create(string template, string messages, int leading = 0)
    {
        JinjaTemplate parsed = JinjaTemplate.Parse(template);
        TemplateMessage[] list = [.. messages.Split(" | ").Select(message => message.Split(": ", 2))
            .Select((parts, i) => Message(parts[0], parts[1], i) with { SystemLength = i == 0 ? leading : 0 })];
        MessageForm form = new("reasoning_content", 0);
        PromptText places = PromptText.Create(
            all => parsed.Render(
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["messages"] = all.Select(form.Write).ToList() }),
            list);
        return (string.Concat(places.Pieces.Select(piece => piece.Text)), places);
    }

    private static TemplateMessage Message(string role, string text, int index) => role switch
    {
        "call" => new TemplateMessage(TemplateRoles.Assistant, text, index) { HasExchangeAsText = true },
        "result" => new TemplateMessage(TemplateRoles.User, text, index) { HasExchangeAsText = true },
        "filler" => new TemplateMessage(TemplateRoles.User, text, index) { IsFiller = true },
        TemplateRoles.Tool => new TemplateMessage(role, text, index) { CallId = "1" },
        _ => new TemplateMessage(role, text, index),
    };
}
