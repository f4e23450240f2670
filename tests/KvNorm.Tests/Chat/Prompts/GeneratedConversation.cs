using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Requests;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Prompts;

/// <summary>
/// A conversation as an application may build it, in any order: each text begins and ends with a word of its own, and may hold marks of
/// the template.
/// </summary>
internal sealed class GeneratedConversation
{
    private static readonly string[] Marks =
    [
        "</think>", "<think>", "<|im_end|>", "<|im_start|>", "[INST]", "[/INST]", "</s>", "<tool_call>", "</tool_call>", "<tool_response>",
        "<|eot_id|>", "<|end|>", "<|channel|>", "[TOOL_CALLS]", "[THINK]", "<start_of_turn>", "<end_of_turn>", "<|tool_call|>", "<|user|>",
    ];

    private static readonly JsonElement Parameters = JsonElement.Parse("""{"type":"object","properties":{"key":{"type":"string"}}}""");

    private static readonly AIFunctionDeclaration[] Tools =
    [
        AIFunctionFactory.CreateDeclaration("look", "Looks.", Parameters),
        AIFunctionFactory.CreateDeclaration("find", "Finds.", Parameters),
    ];

    private readonly List<ChatMessage> _messages = [];
    private readonly List<string> _words = [], _thoughts = [];
    private readonly List<FunctionCallContent> _open = [];
    private readonly string[] _marks;
    private readonly bool _offersTools;
    private int _next;

    private GeneratedConversation(int[] choices, string[] marks)
    {
        _marks = marks;
        _offersTools = choices.Length > 0 && choices[0] % 2 == 0;
        foreach (int choice in choices)
            Add(choice % 12, choice / 12);
        if (_messages.Count == 0)
            _messages.Add(new ChatMessage(ChatRole.User, Text(0)));
    }

    /// <summary>Gets whether the last message is an answer that has not come farther than its thought.</summary>
    public bool EndsInAThought => _messages[^1].Contents is [TextReasoningContent];

    /// <summary>Conversations with the marks of a template, the same ones each time.</summary>
    public static IEnumerable<GeneratedConversation> Sample(string template, int count, ulong seed)
    {
        string[] marks =
        [
            "", "", "", .. Marks.Where(mark => template.Contains(mark, StringComparison.Ordinal)),
            "{{ x }}", "{% x %}", "\"\\\n",
        ];
        Gen<int[]> choices = Gen.Choose(0, 12 * 1000).ArrayOf().Resize(10);
        return choices.Sample(count, new Rnd(seed, 1), 10).Select(chosen => new GeneratedConversation(chosen, marks));
    }

    /// <summary>Writes it with a template.</summary>
    /// <returns>What is wrong with the prompt; empty for nothing.</returns>
    /// <exception cref="ChatTemplateException">The template cannot take it.</exception>
    public string Check(ConversationWriter writer)
    {
        ChatOptions options = new() { Tools = _offersTools ? [.. Tools] : null };
        ChatRequest request = ChatRequest.Create(_messages, options, new KvNormChatOptions(), new SilentChatClient());
        (PromptText text, _) = writer.Write(request, default);
        string prompt = string.Concat(text.Pieces.Select(static piece => piece.Text));
        string typed = string.Concat(text.Pieces.Where(static piece => !piece.FromTemplate).Select(static piece => piece.Text));
        string[] wrong = [.. _words.Where(word => Count(prompt, word) != 1), .. _thoughts.Where(word => Count(prompt, word) > 1)];
        return wrong.Length > 0 ? $"not once: {string.Join(", ", wrong)} in {prompt}"
            : _words.Any(word => Count(typed, word) != 1) ? "typed text has become the template's"
            : "";
    }

    public override string ToString() => string.Join(" | ", _messages.Select(static message =>
        $"{message.Role}: {string.Join("+", message.Contents.Select(static content => content switch
        {
            TextReasoningContent thought => $"(thought {thought.Text})",
            TextContent text => text.Text,
            FunctionCallContent call => $"(call {call.CallId})",
            FunctionResultContent result => $"(result {result.CallId} {result.Result})",
            _ => "?",
        }))}")).Replace("\n", "\\n", StringComparison.Ordinal);

    private static int Count(string text, string word)
    {
        int count = 0;
        for (int at = 0; (at = text.IndexOf(word, at, StringComparison.Ordinal)) >= 0; at += word.Length)
            count++;
        return count;
    }

    private void Add(int kind, int choice)
    {
        switch (kind)
        {
            case 0:
                _messages.Add(new ChatMessage(choice % 3 == 0 ? new ChatRole("developer") : ChatRole.System, Text(choice)));
                break;
            case 1 or 2 or 3:
                _messages.Add(new ChatMessage(ChatRole.User, Text(choice)));
                break;
            case 4:
                _messages.Add(new ChatMessage(choice % 2 == 0 ? ChatRole.User : ChatRole.Assistant, choice % 3 == 0 ? " " : ""));
                break;
            case 5 or 6:
                _messages.Add(new ChatMessage(ChatRole.Assistant, Text(choice)));
                break;
            case 7:
                _messages.Add(new ChatMessage(ChatRole.Assistant, [Thought(), new TextContent(Text(choice))]));
                break;
            case 8:
                _messages.Add(new ChatMessage(ChatRole.Assistant, [Thought()]));
                break;
            case 9 or 10:
                AddCalls(choice);
                break;
            default:
                AddResults(choice);
                break;
        }
    }

    private void AddCalls(int choice)
    {
        List<AIContent> contents = [];
        if (choice % 2 == 0)
            contents.Add(Thought());
        if (choice % 3 == 0)
            contents.Add(new TextContent(Text(choice)));
        for (int i = 0; i <= choice % 5 / 3; i++)
        {
            FunctionCallContent call = new(
                $"call-{_next}", i == 0 ? "look" : "find", new Dictionary<string, object?>(StringComparer.Ordinal) { ["key"] = Word() });
            contents.Add(call);
            _open.Add(call);
        }

        _messages.Add(new ChatMessage(ChatRole.Assistant, contents));
        if (choice % 7 < 5)
            AddResults(choice);
    }

    private void AddResults(int choice)
    {
        int count = choice % 4 == 0 ? 1 : _open.Count; // some calls stay without
        foreach (FunctionCallContent call in _open.Take(count).ToList())
        {
            _messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, Text(choice))]));
            _open.Remove(call);
        }
    }

    private TextReasoningContent Thought()
    {
        _thoughts.Add($"z{_next++}z".ToString(CultureInfo.InvariantCulture));
        return new TextReasoningContent(_thoughts[^1]);
    }

    private string Word()
    {
        _words.Add($"w{_next++}w".ToString(CultureInfo.InvariantCulture));
        return _words[^1];
    }

    private string Text(int choice) => $"{Word()} {_marks[choice % _marks.Length]} {Word()}";
}
