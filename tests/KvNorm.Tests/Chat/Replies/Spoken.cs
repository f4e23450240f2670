using System.Text;
using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

/// <summary>
/// Runs a parser and writes what it gives in one line: text, (thought), name{arguments} and !name for a call with an exception.
/// </summary>
internal static class Spoken
{
    public static readonly IReadOnlyList<AIFunctionDeclaration> Tools =
    [
        Tool("weather", """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}"""),
        Tool("time", """{"type":"object","properties":{}}"""),
        Tool(
            "note",
            """{"type":"object","properties":{"text":{"type":"string"},"tags":{"type":"array","items":{"type":"string"},"maxItems":3}"""
            + ""","kind":{"type":"string","enum":["a","b c"]}},"required":["text"]}"""),
    ];

    public static readonly IReadOnlyList<ToolCallFormat> Formats = [.. ToolCallFormats.All, ToolCallFormat.Generic];

    public static AIFunctionDeclaration Tool(string name, string schema, string description = "does it") =>
        AIFunctionFactory.CreateDeclaration(name, description, JsonElement.Parse(schema));

    public static ToolCallFormat Format(string name) => Formats.Single(format => format.Name == name);

    public static string Read(
        ToolCallFormat? format, ReasoningFormat? reasoning, IEnumerable<string> pieces, bool inReasoning = false, bool cut = false) =>
        Line(Contents(format, reasoning, pieces, inReasoning, cut));

    public static List<AIContent> Contents(
        ToolCallFormat? format, ReasoningFormat? reasoning, IEnumerable<string> pieces, bool inReasoning = false, bool cut = false,
        IReadOnlyList<AIFunctionDeclaration>? tools = null)
    {
        AnswerBeginning beginning = new(inReasoning, MayReason: !inReasoning);
        AnswerParser parser = new(format, reasoning, tools ?? Tools, beginning, hidden: format?.ResultMarks);
        List<AIContent> contents = [.. pieces.SelectMany(parser.Push).ToList()];
        contents.AddRange(parser.Finish(cut));
        return contents;
    }

    public static string Line(IEnumerable<AIContent> contents)
    {
        StringBuilder line = new();
        bool inThought = false;
        foreach (AIContent content in contents)
        {
            if (content is TextReasoningContent != inThought)
                line.Append(inThought ? ')' : '(');
            inThought = content is TextReasoningContent;
            line.Append(content switch
            {
                FunctionCallContent { Exception: not null, InformationalOnly: true } call => $"|!{call.Name}|",
                FunctionCallContent call => $"|{call.Name}{JsonSerializer.Serialize(call.Arguments)}|",
                _ => content.ToString(),
            });
        }

        return line.Append(inThought ? ")" : "").ToString();
    }
}
