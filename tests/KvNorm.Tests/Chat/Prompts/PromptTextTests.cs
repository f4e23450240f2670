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

    [Fact]
    public void Create_FirstMessageThatTheTemplateDoesNotWrite_PinsUpToTheNext()
    {
        const string template = "{% for m in messages %}{% if m.role != 'assistant' %}[{{ m.content }}]{% endif %}{% endfor %}";
        (string text, PromptText places) = Create(template, "system: S | assistant: never shown | user: a | user: b");
        Assert.Equal("[S][", text[..places.SystemEnd]);
    }

    [Fact]
    public void Create_TemplateThatWritesNoMessage_PinsNothing()
    {
        (_, PromptText places) = Create("always the same", "user: a | assistant: b | user: c");
        Assert.Equal(0, places.SystemEnd);
        Assert.Equal(places.OpenStart, places.OpenEnd);
    }

    [Fact]
    public void Create_TemplateThatRefusesOtherText_PinsNothing()
    {
        Dictionary<string, object?> message = new(StringComparer.Ordinal) { ["role"] = "user", ["content"] = "a" };
        PromptText places = PromptText.Create(
            messages => messages[0] == message
                ? [new JinjaText("a", FromTemplate: false)]
                : throw new ChatTemplateException("only a", 1, raisedByTemplate: true),
            [message]);
        Assert.Equal(0, places.SystemEnd);
        Assert.Equal(places.OpenStart, places.OpenEnd);
    }

    [Fact]
    public void Create_SystemTextInsideTheFirstMessage_IsPinnedWithoutTheRest()
    {
        (string text, PromptText places) = Create(Plain, "user: SYSTEM rest | assistant: b | user: c", leading: "SYSTEM ".Length);
        Assert.Equal("[user]SYSTEM ", text[..places.SystemEnd]);
        Assert.Equal("c", text[places.OpenStart..places.OpenEnd]);
    }

    private static (string Text, PromptText Places) Create(string template, string messages, int leading = 0)
    {
        JinjaTemplate parsed = JinjaTemplate.Parse(template);
        object?[] list = [.. messages.Split(" | ").Select(message => message.Split(": ", 2))
            .Select(parts => new Dictionary<string, object?>(StringComparer.Ordinal) { ["role"] = parts[0], ["content"] = parts[1] })];
        PromptText places = PromptText.Create(
            all => parsed.Render(new Dictionary<string, object?>(StringComparer.Ordinal) { ["messages"] = all }), list, leading);
        return (string.Concat(places.Pieces.Select(piece => piece.Text)), places);
    }
}
