using KvNorm.Chat.Prompts;
using KvNorm.Jinja;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class OpenAnswerTests
{
    private const string Plain = "{% for m in messages %}[{{ m.role }}]{{ m.content }}<end>{% endfor %}";

    [Theory]
    [InlineData(Plain, "Well", "[user]Hi<end>[assistant]Well")]
    [InlineData(Plain, "", "[user]Hi<end>[assistant]")]
    [InlineData(Plain, "<end>", "[user]Hi<end>[assistant]<end>")]
    [InlineData(Plain, "Hi", "[user]Hi<end>[assistant]Hi")]
    [InlineData(Plain, "\uF000", "[user]Hi<end>[assistant]\uF000")]
    [InlineData("{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}<end>{% endfor %}", " a b ", "[user]Hi<end>[assistant] a b ")]
    [InlineData(Plain + "{% if add_generation_prompt %}[assistant]{% endif %}", "Well", "[user]Hi<end>[assistant]Well")]
    [InlineData("{% for m in messages %}{{ m.content.split('</think>')[-1] }};{% endfor %}", "a</think>b", "Hi;a</think>b")]
    public void Render_Text_StandsAtTheEnd(string template, string text, string expected)
    {
        IReadOnlyList<JinjaText> pieces = Render(template, Answer(text), out bool isThought);
        Assert.Equal(expected, string.Concat(pieces.Select(static piece => piece.Text)));
        Assert.False(isThought);
        Assert.False(text.Length > 0 && pieces[^1].FromTemplate); // typed text stays typed text
    }

    [Fact]
    public void Render_ThoughtWithoutText_IsGoneOnWith()
    {
        TemplateMessage answer = Answer("") with { Reasoning = "Hm" };
        const string template = "{% for m in messages %}[{{ m.role }}]<think>{{ m.reasoning_content }}</think>{{ m.content }}{% endfor %}";
        IReadOnlyList<JinjaText> pieces = Render(template, answer, out bool isThought);
        Assert.Equal("[user]<think></think>Hi[assistant]<think>Hm", string.Concat(pieces.Select(static piece => piece.Text)));
        Assert.True(isThought);
    }

    [Theory]
    [InlineData("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}")] // not written
    [InlineData("{% for m in messages | reverse %}{{ m.content }};{% endfor %}")]          // not the last thing
    public void Render_TextThatIsNotTheEnd_IsRefusedByNumber(string template)
    {
        ChatTemplateException e = Assert.Throws<ChatTemplateException>(() => Render(template, Answer("Well"), out _));
        Assert.StartsWith("Message 7 is the last one", e.Message, StringComparison.Ordinal);
    }

    private static TemplateMessage Answer(string text) => new(TemplateRoles.Assistant, text, 7);

    private static IReadOnlyList<JinjaText> Render(string template, TemplateMessage answer, out bool isThought)
    {
        JinjaTemplate parsed = JinjaTemplate.Parse(template);
        OpenAnswer open = new(answer);
        isThought = open.IsThought;
        MessageForm form = new("reasoning_content", 0);
        return open.Render(
            messages => parsed.Render(
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["messages"] = messages.Select(form.Write).ToList() }),
            [new TemplateMessage(TemplateRoles.User, "Hi", 6), answer]);
    }
}
