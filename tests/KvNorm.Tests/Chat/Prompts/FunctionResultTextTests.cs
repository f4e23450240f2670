using System.Text.Json;
using System.Text.Json.Nodes;
using KvNorm.Chat.Prompts;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class FunctionResultTextTests
{
    public static TheoryData<object?, string> Results => new()
    {
        { null, "" },
        { "", "" },
        { "{\"a\": 1}", "{\"a\": 1}" },
        { "said \"é\"\n", "said \"é\"\n" },
        { -5, "-5" },
        { 1.5, "1.5" },
        { true, "true" },
        { new DateOnly(2024, 2, 29), "\"2024-02-29\"" },
        { new List<string> { "ä<b>", "\"" }, "[\"ä<b>\",\"\\\"\"]" },
        { new Dictionary<string, object?>(StringComparer.Ordinal) { ["Key"] = 1 }, "{\"Key\":1}" },
        { new JsonObject { ["a"] = new JsonArray(1, null) }, "{\"a\":[1,null]}" },
        { JsonElement.Parse("\"said \\u00e9\""), "said é" },
        { JsonElement.Parse("{ \"a\" : [ 1 ] }"), "{\"a\":[1]}" },
        { JsonElement.Parse("7"), "7" },
        { new TextContent("text"), "text" },
        { new TextContent(null), "" },
        { new AIContent[] { new TextContent("one "), new TextContent("two") }, "one two" },
        { new List<AIContent>(), "" },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public void Of_Result_IsTextForTheModel(object? result, string expected) =>
        Assert.Equal(expected, FunctionResultText.Of(new FunctionResultContent("1", result), 0));

    [Theory]
    [InlineData("Error: Function failed. Exception: no such city", "Error: Function failed. Exception: no such city")]
    [InlineData("half", "half")]
    [InlineData(null, "Error: Function failed.")]
    public void Of_ResultWithAnException_NeverQuotesIt(string? result, string expected)
    {
        FunctionResultContent content = new("1", result) { Exception = new InvalidOperationException("Password=secret") };
        Assert.Equal(expected, FunctionResultText.Of(content, 0));
    }

    [Fact]
    public void Of_ContentThatIsNoText_IsRefused()
    {
        DataContent image = new(new byte[] { 1 }, "image/png");
        foreach (object value in new object[] { image, new List<AIContent> { new TextContent("see"), image } })
        {
            FunctionResultContent result = new("1", value);
            NotSupportedException e = Assert.Throws<NotSupportedException>(() => FunctionResultText.Of(result, 4));
            Assert.Contains("Message 4", e.Message, StringComparison.Ordinal);
            Assert.Contains("image/png", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Of_TextAsData_IsTheText()
    {
        DataContent file = new("one"u8.ToArray(), "text/plain");
        Assert.Equal("one", FunctionResultText.Of(new FunctionResultContent("1", file), 0));
        AIContent[] both = [new TextContent("see "), file];
        Assert.Equal("see one", FunctionResultText.Of(new FunctionResultContent("1", both), 0));
    }
}
