using KvNorm.Chat.Prompts;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class TextMarksTests
{
    [Theory]
    [InlineData("a | b c |  d  ")]
    [InlineData("\uE000 | \uE001 1 \uE000 | \uE0020\uE001")]
    [InlineData("|  | x")]
    public void Read_TextsWithMarks_GivesThemWithoutAndTheirPlaces(string texts)
    {
        TemplateMessage[] messages = [.. texts.Split('|').Select(static (text, i) => new TemplateMessage(TemplateRoles.User, text, i))];
        TextMarks marks = new(messages);
        (string text, ILookup<int, int> places) = marks.Read(string.Concat(marks.Around(messages).Select(static message => message.Text)));
        Assert.Equal(string.Concat(messages.Select(static message => message.Text)), text);
        for (int i = 0; i < messages.Length; i++)
        {
            Assert.Equal(TextMarks.HasMarks(messages[i]) ? 2 : 0, places[i].Count());
            if (TextMarks.HasMarks(messages[i]))
                Assert.Equal(messages[i].Text.Trim(), text[places[i].First()..places[i].Last()]);
        }
    }

    [Fact]
    public void Read_EveryPrivateCharacterTyped_EndsWithoutHarm()
    {
        string all = new([.. Enumerable.Range(0xE000, 0x1900).Select(static code => (char)code)]);
        TemplateMessage[] messages = [new(TemplateRoles.User, all + "1" + all, 0)];
        TextMarks marks = new(messages);
        Assert.NotEmpty(marks.Read(marks.Around(messages)[0].Text).Text);
    }
}
