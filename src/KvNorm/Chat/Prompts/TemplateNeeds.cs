using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// The table of what templates do not all take, and of what helps. A row is looked at with the remedies of the rows before it.
/// </summary>
internal static class TemplateNeeds
{
    private static readonly TemplateRemedy[] ThoughtForms =
    [
        TemplateRemedy.Of("as thinking", static form => form with { ReasoningKey = "thinking" }),
        TemplateRemedy.Of("as reasoning_content", static form => form with { ReasoningKey = "reasoning_content" }),
        TemplateRemedy.Of("as reasoning", static form => form with { ReasoningKey = "reasoning" }),
        TemplateRemedy.Of("as a part of the content", static form => form with { ReasoningIsPart = true }),
    ];

    /// <summary>Every row.</summary>
    public static readonly IReadOnlyList<TemplateNeed> All =
    [
        new(
            "text",
            [[User("a")]],
            TemplateRemedy.Of("a list of parts", static form => form with { TextIsPart = true })),
        new(
            "calls",
            [[User("a"), Calls("b"), Result("b")]],
            TemplateRemedy.Of("arguments as JSON text", static form => form with { ArgumentsAreText = true }),
            TemplateRemedy.Of("no content beside them", static form => form with { EmptyIsNone = true }),
            TemplateRemedy.Of("results in a user's text", MessageStep.ResultsAsText),
            TemplateRemedy.Of("calls in the text", MessageStep.CallsAsText),
            new("calls and results in texts", static plan => plan.With(MessageStep.CallsAsText).With(MessageStep.ResultsAsText))),
        new(
            "several calls",
            [[User("a"), Calls("b", "c"), Result("b"), Result("c")]],
            TemplateRemedy.Of("one call per message", MessageStep.OneCallEach)),
        new("thoughts before calls", [[User("a"), Calls("b") with { Reasoning = Word("c") }, Result("b")]], ThoughtForms)
        {
            WritesThoughts = true,
        },
        new("thoughts of the last answer", [[User("a"), Assistant("b") with { Reasoning = Word("c") }]], ThoughtForms)
        {
            WritesThoughts = true,
        },
        new(
            "system text",
            [
                [System("a"), User("b")],
                [System("a"), User("b"), Assistant("c")], // some write it before the last message, when that is a user's
                [System("a"), User("b"), Calls("c"), Result("c")],
            ],
            TemplateRemedy.Of("in the user message behind it", MessageStep.SystemIntoUser)),
        new(
            "users in a row",
            [[User("a"), User("b"), Assistant("c"), User("d")]],
            TemplateRemedy.Of("joined", MessageStep.Join)),
        new(
            "assistants in a row",
            [[User("a"), Assistant("b"), Assistant("c"), User("d")]],
            TemplateRemedy.Of("joined", MessageStep.Join)),
        new(
            "a turn after results",
            [[User("a"), Calls("b"), Result("b"), User("d"), Assistant("e"), User("f")]],
            TemplateRemedy.Of("an answer in between", MessageStep.AnswerResults)),
        new(
            "late system text",
            [[System("a"), User("b"), Assistant("c"), System("d"), User("e")], [User("a"), Assistant("b"), System("c")]],
            TemplateRemedy.Of("in the user message behind it", MessageStep.LateSystemIntoUser)),
        new(
            "no user at the beginning",
            [[System("a"), Assistant("b"), User("c")], [Assistant("a"), User("b")], [System("a")]],
            TemplateRemedy.Of("a user's turn before it", MessageStep.UserFirst)),
        new(
            "calls without results",
            [
                [User("a"), Calls("b")],
                [User("a"), Calls("b"), User("c")],
                [User("a"), Calls("b", "c"), Result("b"), User("d")],
                [User("a"), Calls("b"), User("c"), Result("b"), Assistant("d")],
                [User("a"), Calls("b"), Assistant("c"), Result("b"), User("d")],
            ],
            TemplateRemedy.Of("results behind them", MessageStep.AnswerCalls)),
        new(
            "empty answers",
            [[User("a"), Assistant("-") with { Text = "" }, User("b")]],
            TemplateRemedy.Of("left out", MessageStep.DropEmpty),
            new("left out, and users joined", static plan => plan.With(MessageStep.DropEmpty).With(MessageStep.Join))),
        new(
            "thoughts alone",
            [[User("a"), Assistant("-") with { Text = "", Reasoning = Word("b") }, User("c")]],
            TemplateRemedy.Of("left out", MessageStep.DropThoughts),
            new("left out, and users joined", static plan => plan.With(MessageStep.DropThoughts).With(MessageStep.Join))),
        new(
            "text beside calls",
            [[User("a"), Calls("b") with { Text = Word("c") }, Result("b"), Assistant("d"), User("e")]],
            TemplateRemedy.Of("an answer before them", MessageStep.SplitCalls),
            TemplateRemedy.Of("an answer before them, and a turn in between", MessageStep.SplitCallsApart)),
        new(
            "text and thoughts beside calls",
            [[User("a"), Calls("b") with { Text = Word("c"), Reasoning = Word("x") }, Result("b"), Assistant("d"), User("e")]],
            TemplateRemedy.Of("an answer before them", MessageStep.SplitCalls),
            TemplateRemedy.Of("an answer before them, and a turn in between", MessageStep.SplitCallsApart)),
        new(
            "text, then calls",
            [[User("a"), Assistant("b"), Calls("c"), Result("c"), Assistant("d"), User("e")]],
            TemplateRemedy.Of("joined", MessageStep.Join),
            TemplateRemedy.Of("a turn in between", MessageStep.SplitCallsApart)),
        new(
            "tools of which little is said",
            [[User("a")]],
            TemplateRemedy.Of("one type for each parameter", SchemaNeeds.OneType),
            TemplateRemedy.Of("a type and a description for each parameter", SchemaNeeds.OneType | SchemaNeeds.Descriptions))
        {
            Tools = ProbeTools.Odd,
        },
    ];

    private static string Word(string letter) => $"probe-{letter}";

    private static TemplateMessage System(string letter) => new(TemplateRoles.System, Word(letter));

    private static TemplateMessage User(string letter) => new(TemplateRoles.User, Word(letter));

    private static TemplateMessage Assistant(string letter) => new(TemplateRoles.Assistant, Word(letter));

    private static TemplateMessage Calls(params string[] letters) =>
        new(TemplateRoles.Assistant, "") { Calls = [.. letters.Select(Call)] };

    private static FunctionCallContent Call(string letter) =>
        new("id" + letter, "probe_tool", new Dictionary<string, object?>(StringComparer.Ordinal) { ["key"] = "argument-" + letter });

    private static TemplateMessage Result(string letter) =>
        new(TemplateRoles.Tool, "result-" + letter) { CallId = "id" + letter, ToolName = "probe_tool" };
}
