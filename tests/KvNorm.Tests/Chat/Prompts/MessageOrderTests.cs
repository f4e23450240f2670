using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Prompts;

/// <summary>Conversations as "role: text", with "calls: text: ids" and "result: id".</summary>
public sealed class MessageOrderTests
{
    [Theory]
    [InlineData(MessageStep.Join, "user: a | user: b | assistant: c | assistant: d | user: e", "user: a+b | assistant: c+d | user: e")]
    [InlineData(MessageStep.Join, "user: a | assistant: b | user: c", "user: a | assistant: b | user: c")]
    [InlineData(MessageStep.Join, "assistant: a | calls: b: 1 | result: 1", "calls: a+b: 1 | result: 1")]
    [InlineData(MessageStep.Join, "calls: a: 1 2 | result: 1 | result: 2", "calls: a: 1 2 | result: 1 | result: 2")]
    [InlineData(MessageStep.SystemIntoUser, "system: s | user: a | assistant: b", "user: s+a | assistant: b")]
    [InlineData(
        MessageStep.SystemIntoUser, "system: s | assistant: a | system: t | system: u | user: b", "user: s | assistant: a | user: t+u+b")]
    [InlineData(MessageStep.SystemIntoUser, "user: a | user: b", "user: a | user: b")]
    [InlineData(MessageStep.SystemIntoUser, "system: s", "user: s")]
    [InlineData(MessageStep.LateSystemIntoUser, "system: s | user: a | system: t | user: b", "system: s | user: a | user: t+b")]
    [InlineData(MessageStep.LateSystemIntoUser, "user: a | assistant: b | system: t", "user: a | assistant: b | user: t")]
    [InlineData(MessageStep.UserFirst, "system: s | assistant: a", "system: s | user: Go on. | assistant: a")]
    [InlineData(MessageStep.UserFirst, "system: s", "system: s | user: Go on.")]
    [InlineData(MessageStep.UserFirst, "user: a", "user: a")]
    [InlineData(MessageStep.AnswerResults, "calls: : 1 | result: 1 | user: a", "calls: : 1 | result: 1 | assistant: OK. | user: a")]
    [InlineData(MessageStep.AnswerResults, "calls: : 1 | result: 1 | assistant: a", "calls: : 1 | result: 1 | assistant: a")]
    [InlineData(MessageStep.AnswerCalls, "calls: : 1 2 | user: a | result: 2", "calls: : 1 2 | No result: 1 | result: 2 | user: a")]
    [InlineData(MessageStep.AnswerCalls, "calls: : 1 | calls: : 1 | result: 1", "calls: : 1 | No result: 1 | calls: : 1 | result: 1")]
    [InlineData(
        MessageStep.OneCallEach,
        "calls: a: 1 2 | result: 1 | result: 2 | user: b",
        "calls: a: 1 | result: 1 | calls: : 2 | result: 2 | user: b")]
    [InlineData(MessageStep.OneCallEach, "calls: a: 1 2 | user: b", "calls: a: 1 | calls: : 2 | user: b")]
    [InlineData(MessageStep.DropEmpty, "user: a | assistant:  | user:  | assistant: ", "user: a | user:  | assistant: ")]
    [InlineData(MessageStep.SplitCalls, "calls: a: 1 | calls: : 2", "assistant: a | calls: : 1 | calls: : 2")]
    [InlineData(MessageStep.SplitCallsApart, "calls: a: 1", "assistant: a | user: Go on. | calls: : 1")]
    public void Apply_Step_ChangesTheOrderAndLosesNothing(object step, string messages, string expected) =>
        Assert.Equal(expected, Write(new MessageOrder(ToolCallFormat.Generic).Apply((MessageStep)step, Read(messages))));

    [Fact]
    public void Apply_CallsAndResultsAsText_WritesThemInTheModelsForm()
    {
        MessageOrder order = new(ToolCallFormat.Generic);
        List<TemplateMessage> messages = order.Apply(
            MessageStep.ResultsAsText,
            order.Apply(MessageStep.CallsAsText, Read("user: Ask. | calls: I do.: 1 2 | result: 1 | result: 2")));
        Assert.Equal(
            [
                "user: Ask.",
                "assistant: I do.\n<tool_call>\n{\"name\": \"look\", \"arguments\": {\"at\":1}}\n</tool_call>\n"
                + "<tool_call>\n{\"name\": \"look\", \"arguments\": {\"at\":2}}\n</tool_call>",
                "user: <tool_response>\n{\"name\": \"look\", \"content\": \"r\"}\n</tool_response>\n"
                + "<tool_response>\n{\"name\": \"look\", \"content\": \"r\"}\n</tool_response>",
            ],
            messages.Select(static message => $"{message.Role}: {message.Text}"),
            StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("system: s | user: a", 3)]             // with what separates them
    [InlineData("system: s | system: tt | user: a", 7)]
    [InlineData("user: a | system: s | user: b", 0)]
    public void Apply_SystemTextAtTheBeginning_IsStillKnownAsThat(string messages, int length) =>
        Assert.Equal(length, new MessageOrder(ToolCallFormat.Generic).Apply(MessageStep.SystemIntoUser, Read(messages))[0].SystemLength);

    private static List<TemplateMessage> Read(string messages) => [.. messages.Split(" | ").Select(static (message, i) =>
    {
        string[] parts = message.Split(": ");
        return parts[0] switch
        {
            "result" => new TemplateMessage(TemplateRoles.Tool, "r", i) { CallId = parts[1], ToolName = "look" },
            "calls" => new TemplateMessage(TemplateRoles.Assistant, parts[1], i) { Calls = [.. parts[2].Split(' ').Select(Call)] },
            _ => new TemplateMessage(parts[0], parts[1], i),
        };
    })];

    private static FunctionCallContent Call(string id) =>
        new(id, "look", new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = int.Parse(id) });

    private static string Write(IEnumerable<TemplateMessage> messages) => string.Join(" | ", messages.Select(static message =>
        message.CallId is { } id ? (message.Text == "r" ? "result: " : "No result: ") + id
        : message.Calls.Count > 0 ? $"calls: {message.Text}: {string.Join(' ', message.Calls.Select(static call => call.CallId))}"
        : $"{message.Role}: {message.Text}")).Replace("\n\n", "+", StringComparison.Ordinal);
}
