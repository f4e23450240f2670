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
/// What is read of an answer, sent back, is written by the model's template as the model wrote it, and read as the same again.
/// </summary>
public sealed class RoundTripTests
{
    private const string Probe = "Plain";

    private static readonly (string Name, JsonElement Arguments)[] Calls =
    [
        ("note", JsonElement.Parse("""{"text":"a \"b\" {c}\n <d> é 5","tags":["x","y z"],"kind":"b c"}""")),
        ("weather", JsonElement.Parse("""{"city":"755","days":2}""")),
        ("time", JsonElement.Parse("{}")),
    ];

    // Some templates cannot do without descriptions.
    private static readonly AIFunctionDeclaration[] Offered =
    [
        Spoken.Tool("note", """
            {
              "type": "object",
              "properties": {
                "text": {"type": "string", "description": "What."}, "kind": {"type": "string", "description": "Kind."},
                "tags": {"type": "array", "items": {"type": "string"}, "description": "Tags."}
              },
              "required": ["text"]
            }
            """),
        Spoken.Tool("weather", """
            {
              "type": "object",
              "properties": {
                "city": {"type": "string", "description": "Where."}, "days": {"type": "integer", "description": "How many."}
              },
              "required": ["city"]
            }
            """),
        Spoken.Tool("time", """{"type":"object","properties":{}}"""),
    ];

    private static readonly ToolRequest Tools = new(Offered, false, null, true);

    public static TheoryData<string> Names => [.. ChatTemplates.All.Where(TakesTools)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Answer_SentBack_IsReadAsTheSame(string name)
    {
        Dialect dialect = new(ChatTemplates.Source(name), []);
        foreach (int count in (int[])[0, 1, dialect.ToolCalls.OneCall ? 1 : 3])
        {
            List<AIContent> given = Read(dialect, Written(dialect, count), default);
            Assert.Equal(count, given.OfType<FunctionCallContent>().Count());
            Assert.Equal(dialect.Reasoning is null ? "" : "Let me see.", Thought(given));
            ChatMessage answer = new(ChatRole.Assistant, given);
            ChatMessage results = new(
                ChatRole.Tool,
                [.. given.OfType<FunctionCallContent>().Select(static call => (AIContent)new FunctionResultContent(call.CallId, "done"))]);
            Assert.NotEmpty(Render(name, dialect, count == 0 ? [User("Hi"), answer, User("And?")] : [User("Hi"), answer, results]));
            AssertSame(given, Again(name, dialect, answer), name);
        }
    }

    private static string Written(Dialect dialect, int count)
    {
        string thought = dialect.Reasoning is { } reasoning ? $"{reasoning.Start}Let me see.{reasoning.End}\n" : "";
        string calls = count == 0 ? "" : ToolCallText.Write(dialect.ToolCalls, Calls.Take(count));
        return thought + (count > 1 ? "" : "I look.\n\n") + calls;
    }

    // What the template writes of an answer, without what it writes around any answer.
    private static List<AIContent> Again(string name, Dialect dialect, ChatMessage answer)
    {
        string plain = Render(name, dialect, [User("Hi"), new ChatMessage(ChatRole.Assistant, Probe)]);
        string whole = Render(name, dialect, [User("Hi"), answer]);
        int at = plain.LastIndexOf(Probe, StringComparison.Ordinal);
        int start = Math.Min(at, whole.AsSpan().CommonPrefixLength(plain));
        start -= dialect.Marks.Max(mark => Before(whole, start, mark)); // marks may begin with the same letters
        string text = WithoutEnd(whole[start..], plain[(at + Probe.Length)..], dialect);
        return Read(dialect, text, dialect.Beginning(whole[..start]));
    }

    // How much of a mark that goes across a place stands before it.
    private static int Before(string text, int place, string mark) =>
        Enumerable.Range(1, mark.Length - 1).Where(length => length <= place)
            .FirstOrDefault(length => string.CompareOrdinal(text, place - length, mark, 0, mark.Length) == 0);

    // Calls may have another end than texts.
    private static string WithoutEnd(string text, string end, Dialect dialect)
    {
        int common = 0;
        while (common < Math.Min(text.Length, end.Length) && text[^(common + 1)] == end[^(common + 1)])
            common++;
        int cut = text.IndexOf('<', text.Length - common);
        text = common == end.Length || cut < 0 ? text[..^(common == end.Length ? common : 0)] : text[..cut];
        text = text.TrimEnd();
        int last = text.LastIndexOf("<|", StringComparison.Ordinal);
        bool isOtherEnd = last >= 0 && text.EndsWith("|>", StringComparison.Ordinal)
            && !dialect.Marks.Any(mark => text.EndsWith(mark, StringComparison.Ordinal));
        return isOtherEnd ? text[..last] : text;
    }

    private static List<AIContent> Read(Dialect dialect, string text, AnswerBeginning beginning)
    {
        AnswerParser parser = new(dialect.ToolCalls, dialect.Reasoning, Offered, beginning, hidden: dialect.ToolCalls.ResultMarks);
        List<ChatResponseUpdate> updates =
            [.. text.Chunk(5).SelectMany(piece => parser.Push(new string(piece))).Concat(parser.Finish()).ToArray()
                .Select(static content => new ChatResponseUpdate(ChatRole.Assistant, [content]))];
        UnopenedThought.Settle(updates);
        return [.. updates.SelectMany(static update => update.Contents)];
    }

    private static string Render(string name, Dialect dialect, ChatMessage[] messages)
    {
        TemplatePlan plan = ChatTemplates.Named(name).Plan(tools: true);
        IEnumerable<TemplateMessage> ordered = plan.Ordered(TemplateMessages.Create(messages, null, Tools, dialect), dialect.ToolCalls);
        ChatTemplate template = new(ChatTemplates.Source(name), "<s>", "</s>");
        IReadOnlyList<JinjaText> pieces = template.Render(
            [.. ordered.Select(plan.Form.Write)],
            dialect.TakesTools ? ToolPrompt.ForTemplate(Offered, SchemaNeeds.None) : null,
            new Dictionary<string, object?>(StringComparer.Ordinal),
            beginsAnswer: false);
        return string.Concat(pieces.Select(static piece => piece.Text));
    }

    private static bool TakesTools(string name) =>
        TemplateVariables.Uses(ChatTemplates.Source(name), "tools") || ToolCallFormat.RendersTools(ChatTemplates.Source(name));

    private static void AssertSame(List<AIContent> given, List<AIContent> again, string name)
    {
        FunctionCallContent[] calls = [.. given.OfType<FunctionCallContent>()], back = [.. again.OfType<FunctionCallContent>()];
        Assert.Equal(calls.Select(static call => call.Name), back.Select(static call => call.Name), StringComparer.Ordinal);
        foreach ((FunctionCallContent call, FunctionCallContent other) in calls.Zip(back))
            Assert.True(JsonNode.DeepEquals(Json(call), Json(other)), $"{name}: {Json(call)} is read as {Json(other)}");
        Assert.Equal(Text(given), Text(again));
        Assert.Contains(Thought(again), (string[])["", Thought(given)], StringComparer.Ordinal); // templates may leave it out
    }

    private static string Text(List<AIContent> contents) =>
        string.Concat(contents.OfType<TextContent>().Select(static text => text.Text)).Trim();

    private static string Thought(List<AIContent> contents) =>
        string.Concat(contents.OfType<TextReasoningContent>().Select(static thought => thought.Text)).Trim();

    private static JsonNode? Json(FunctionCallContent call) => JsonSerializer.SerializeToNode(call.Arguments);
}
