using System.Text.Json;
using System.Text.Json.Nodes;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.Jinja;
using KvNorm.Tests.Chat.Prompts;
using KvNorm.Tests.Chat.Replies;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Dialects;

/// <summary>
/// What is read of an answer, sent back, is written by the model's template as the model wrote it, and read as the same again. It may
/// be sent back as several messages, with results or turns between them.
/// </summary>
public sealed class RoundTripTests
{
    private const string Probe = "Plain", Result = "finished";

    private static readonly (string Name, JsonElement Arguments)[] Calls =
    [
        ("note", JsonElement.Parse("""{"text":"a \"b\" {c}\n <d> é 5","tags":["x","y z"],"kind":"b c"}""")),
        ("weather", JsonElement.Parse("""{"city":"755","days":2}""")),
        ("time", JsonElement.Parse("{}")),
    ];

    private static readonly ToolRequest Tools = new(Spoken.Tools, false, null, true);

    public static TheoryData<string> Names => [.. ChatTemplates.All.Where(TakesTools)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Answer_SentBack_IsReadAsTheSame(string name)
    {
        Dialect dialect = new(ChatTemplates.Source(name), []);
        bool dropsThoughts = ChatTemplates.Named(name).Plan(tools: true).Remedies["thoughts before calls"] == TemplatePlan.Nothing;
        foreach (int count in (int[])[0, 1, dialect.ToolCalls.OneCall ? 1 : 3])
        {
            List<AIContent> given = Read(dialect, Written(dialect, count), default);
            Assert.Equal(count, given.OfType<FunctionCallContent>().Count());
            Assert.Equal(dialect.Reasoning is null ? "" : "Let me see.", Thought(given));
            AssertSame(given, Again(name, dialect, given), name, keepsThought: count > 0 && !dropsThoughts);
        }
    }

    private static string Written(Dialect dialect, int count)
    {
        string thought = dialect.Reasoning is { } reasoning ? $"{reasoning.Start}Let me see.{reasoning.End}\n" : "";
        string calls = count == 0 ? "" : ToolCallText.Write(dialect.ToolCalls, Calls.Take(count));
        return thought + (count > 1 ? "" : "I look.\n\n") + calls;
    }

    // What is read of the messages that the answer is sent back as, each with what stands before it and behind it.
    private static List<AIContent> Again(string name, Dialect dialect, List<AIContent> answer)
    {
        ChatMessage results = new(
            ChatRole.Tool,
            [.. answer.OfType<FunctionCallContent>().Select(static call => (AIContent)new FunctionResultContent(call.CallId, Result))]);
        TemplatePlan plan = ChatTemplates.Named(name).Plan(tools: true);
        List<TemplateMessage> messages =
        [
            .. plan.Ordered(
                TemplateMessages.Create([User("Hi"), new ChatMessage(ChatRole.Assistant, answer), results], null, Tools, dialect),
                dialect.ToolCalls),
        ];
        IEnumerable<int> places = Enumerable.Range(0, messages.Count).Where(i => messages[i].IsAssistant);
        return [.. places.SelectMany(place => Again(name, dialect, messages, place))];
    }

    private static List<AIContent> Again(string name, Dialect dialect, List<TemplateMessage> messages, int place)
    {
        TemplateMessage[] rest = [.. messages.Skip(place + 1).TakeWhile(static message => !message.IsAssistant)];
        if (rest.Length == 0)
            rest = [new TemplateMessage(TemplateRoles.User, "And?")];
        string whole = Render(name, dialect, [.. messages.Take(place + 1), .. rest]);
        TemplateMessage other = new(TemplateRoles.Assistant, Probe);
        string plain = Render(name, dialect, [.. messages.Take(place), other, .. rest.Where(static message => message.CallId is null)]);
        int at = plain.LastIndexOf(Probe, StringComparison.Ordinal);
        int start = Math.Min(at, whole.AsSpan().CommonPrefixLength(plain));
        start -= dialect.Marks.Max(mark => Before(whole, start, mark)); // marks may begin with the same letters
        AnswerBeginning beginning = dialect.Beginning(whole[..start]);
        if (rest[0].CallId is null)
        {
            string end = plain[(at + Probe.Length)..];
            Assert.EndsWith(end, whole, StringComparison.Ordinal);
            return Read(dialect, whole[start..^end.Length], beginning);
        }

        List<AIContent> again = Read(dialect, whole[start..whole.IndexOf(Result, start, StringComparison.Ordinal)], beginning);
        return [.. again.Take(again.FindLastIndex(static content => content is FunctionCallContent) + 1)]; // behind it a result begins
    }

    // How much of a mark stands before a place.
    private static int Before(string text, int place, string mark) =>
        Enumerable.Range(1, mark.Length).Where(length => length <= place)
            .LastOrDefault(length => string.CompareOrdinal(text, place - length, mark, 0, mark.Length) == 0);

    private static List<AIContent> Read(Dialect dialect, string text, AnswerBeginning beginning)
    {
        AnswerParser parser = new(dialect.ToolCalls, dialect.Reasoning, Spoken.Tools, beginning, hidden: dialect.ToolCalls.ResultMarks);
        List<ChatResponseUpdate> updates =
            [.. text.Chunk(5).SelectMany(piece => parser.Push(new string(piece))).Concat(parser.Finish()).ToArray()
                .Select(static content => new ChatResponseUpdate(ChatRole.Assistant, [content]))];
        return [.. UnopenedThought.ToResponse(updates).Messages.SelectMany(static message => message.Contents)];
    }

    private static string Render(string name, Dialect dialect, IEnumerable<TemplateMessage> messages)
    {
        TemplatePlan plan = ChatTemplates.Named(name).Plan(tools: true);
        IReadOnlyList<JinjaText> pieces = new ChatTemplate(ChatTemplates.Source(name), "<s>", "</s>").Render(
            [.. messages.Select(plan.Form.Write)],
            dialect.TakesTools ? ToolPrompt.ForTemplate(Spoken.Tools, plan.Schemas) : null,
            new Dictionary<string, object?>(StringComparer.Ordinal),
            beginsAnswer: false);
        return string.Concat(pieces.Select(static piece => piece.Text));
    }

    private static bool TakesTools(string name) =>
        TemplateVariables.Uses(ChatTemplates.Source(name), "tools") || ToolCallFormat.RendersTools(ChatTemplates.Source(name));

    private static void AssertSame(List<AIContent> given, List<AIContent> again, string name, bool keepsThought)
    {
        FunctionCallContent[] calls = [.. given.OfType<FunctionCallContent>()], back = [.. again.OfType<FunctionCallContent>()];
        Assert.Equal(calls.Select(static call => call.Name), back.Select(static call => call.Name), StringComparer.Ordinal);
        foreach ((FunctionCallContent call, FunctionCallContent other) in calls.Zip(back))
            Assert.True(JsonNode.DeepEquals(Json(call), Json(other)), $"{name}: {Json(call)} is read as {Json(other)}");
        Assert.Equal(Text(given), Text(again));
        Assert.Contains(Thought(again), keepsThought ? [Thought(given)] : (string[])["", Thought(given)], StringComparer.Ordinal);
    }

    private static string Text(List<AIContent> contents) =>
        string.Concat(contents.OfType<TextContent>().Select(static text => text.Text)).Trim();

    private static string Thought(List<AIContent> contents) =>
        string.Concat(contents.OfType<TextReasoningContent>().Select(static thought => thought.Text)).Trim();

    private static JsonNode? Json(FunctionCallContent call) => JsonSerializer.SerializeToNode(call.Arguments);
}
