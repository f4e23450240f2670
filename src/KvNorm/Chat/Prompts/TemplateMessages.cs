using System.Text;
using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// Makes the variable "messages" of a chat template from a conversation. What the template has no place for, calls and results, goes into
/// texts.
/// </summary>
internal sealed class TemplateMessages
{
    private readonly Dialect _dialect;
    private readonly List<Dictionary<string, object?>> _messages = [];
    private readonly Dictionary<string, (string Name, Dictionary<string, object?> Message)> _calls = new(StringComparer.Ordinal);
    private Dictionary<string, object?>? _results; // the last message, when it is the text of results

    private TemplateMessages(Dialect dialect) => _dialect = dialect;

    /// <summary>Makes the messages.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="instructions">What stands before it as system text; null for nothing.</param>
    /// <param name="tools">The tools of the request. Where the template does not take them, the system text tells of them.</param>
    /// <param name="dialect">What the template writes of tools, tool calls and reasoning.</param>
    /// <exception cref="ArgumentException">A message or content stands where it cannot: the message says where.</exception>
    /// <exception cref="NotSupportedException">A content is no text.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, object?>> Create(
        IEnumerable<ChatMessage> messages, string? instructions, ToolRequest tools, Dialect dialect)
    {
        TemplateMessages made = new(dialect);
        if (!string.IsNullOrEmpty(instructions))
            made.Add(TemplateRoles.System, instructions);
        int index = 0;
        foreach (ChatMessage message in messages)
            made.Add(message, index++);
        made.TellOf(tools);
        return made._messages;
    }

    private static string Role(ChatRole role, int index)
    {
        string name = role.Value.ToLowerInvariant();
        return name switch
        {
            TemplateRoles.System or TemplateRoles.User or TemplateRoles.Assistant or TemplateRoles.Tool => name,
            "developer" => TemplateRoles.System,
            _ => throw new NotSupportedException(
                $"Message {index} has the role '{role.Value}', which is not supported; there are system, developer, user, "
                + "assistant and tool."),
        };
    }

    private void Add(ChatMessage message, int index)
    {
        string role = Role(message.Role, index);
        MessagePart part = new();
        int before = _messages.Count;
        bool hasResults = false;
        foreach (AIContent content in message.Contents)
        {
            if (content is FunctionResultContent result)
            {
                Flush(role, part, index);
                part = new MessagePart();
                AddResult(result, index);
                hasResults = true;
            }
            else
            {
                part.Add(content, role, index);
            }
        }

        // A message without contents is a message all the same, except that a tool has said nothing then.
        if (!part.IsEmpty || (!hasResults && role != TemplateRoles.Tool && before == _messages.Count))
            Flush(role, part, index, isEmptyToo: true);
    }

    private void Flush(string role, MessagePart part, int index, bool isEmptyToo = false)
    {
        if (part.IsEmpty && !isEmptyToo)
            return;
        if (role == TemplateRoles.Tool)
        {
            throw new ArgumentException(
                $"Message {index} has the role 'tool' and text outside a FunctionResultContent, "
                + "so it cannot be said which call it answers.");
        }

        if (role == TemplateRoles.System && _messages is [{ } first] && (string?)first["role"] == TemplateRoles.System)
            first["content"] = Join((string)first["content"]!, part.Text); // templates look for one system message at the beginning
        else if (part.Calls.Count == 0)
            Add(role, part.Text, part.Reasoning);
        else
            AddCalls(part, index);
    }

    private Dictionary<string, object?> Add(string role, string text, string reasoning = "")
    {
        Dictionary<string, object?> message = new(StringComparer.Ordinal) { ["role"] = role, ["content"] = text };
        if (reasoning.Length > 0)
            message[_dialect.ReasoningKey] = reasoning;
        _messages.Add(message);
        _results = null;
        return message;
    }

    private void AddCalls(MessagePart part, int index)
    {
        foreach (FunctionCallContent call in part.Calls)
        {
            if (string.IsNullOrEmpty(call.CallId) || string.IsNullOrEmpty(call.Name))
                throw new ArgumentException($"Message {index} has a FunctionCallContent without a call id or a name.");
        }

        if (!_dialect.RendersCalls)
        {
            string calls = ToolCallText.Write(_dialect.ToolCalls, part.Calls.Select(static call => (call.Name, Arguments(call))));
            Remember(part.Calls, Add(TemplateRoles.Assistant, part.Text.Length > 0 ? part.Text + "\n" + calls : calls, part.Reasoning));
            return;
        }

        int each = _dialect.ToolCalls.OneCall ? 1 : part.Calls.Count;
        for (int start = 0; start < part.Calls.Count; start += each)
        {
            List<FunctionCallContent> calls = part.Calls.GetRange(start, each);
            Dictionary<string, object?> message =
                start == 0 ? Add(TemplateRoles.Assistant, part.Text, part.Reasoning) : Add(TemplateRoles.Assistant, "");
            message["tool_calls"] = calls.ConvertAll(Call);
            Remember(calls, message);
        }
    }

    private void Remember(List<FunctionCallContent> calls, Dictionary<string, object?> message)
    {
        foreach (FunctionCallContent call in calls)
            _calls[call.CallId] = (call.Name, message);
    }

    private object? Call(FunctionCallContent call) => new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["id"] = CallIds.Fit(call.CallId, _dialect.ToolCalls.IdLength),
        ["type"] = "function",
        ["function"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["name"] = call.Name, ["arguments"] = Arguments(call) },
    };

    private static JsonElement Arguments(FunctionCallContent call) =>
        JsonSerializer.SerializeToElement(
            call.Arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal),
            AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private void AddResult(FunctionResultContent result, int index)
    {
        if (!_calls.TryGetValue(result.CallId, out (string Name, Dictionary<string, object?> Message) call))
        {
            throw new ArgumentException(
                $"Message {index} has the result of the call '{result.CallId}', but no message before it has that call. "
                + "Keep a call and its result together when a history is shortened.");
        }

        string text = FunctionResultText.Of(result, index);
        if (_dialect.RendersTools)
            AddResult(result.CallId, call.Name, call.Message, text);
        else
            AddResultText(call.Name, text);
    }

    private void AddResult(string id, string name, Dictionary<string, object?> caller, string text)
    {
        Dictionary<string, object?> message = Add(TemplateRoles.Tool, text);
        message["tool_call_id"] = CallIds.Fit(id, _dialect.ToolCalls.IdLength);
        message["name"] = name;
        if (!_dialect.RendersCalls || !_dialect.ToolCalls.OneCall)
            return;
        // Where each message has one call, its result follows it.
        _messages.RemoveAt(_messages.Count - 1);
        _messages.Insert(_messages.IndexOf(caller) + 1, message);
    }

    private void AddResultText(string name, string text)
    {
        string json = $"{{\"name\": {ToolCallText.Quote(name)}, \"content\": {ToolCallText.Quote(text)}}}";
        string response = $"{ToolCallFormat.ResultStart}\n{json}\n{ToolCallFormat.ResultEnd}";
        Dictionary<string, object?>? open = _results;
        if (open is null)
            open = Add(TemplateRoles.User, response);
        else
            open["content"] = (string)open["content"]! + "\n" + response;
        _results = open;
    }

    private void TellOf(ToolRequest tools)
    {
        if (tools.Tools.Count == 0 || _dialect.TakesTools)
            return;
        Dictionary<string, object?> system;
        if (_messages is [{ } first, ..] && (string?)first["role"] == TemplateRoles.System)
            system = first;
        else
            _messages.Insert(0, system = new(StringComparer.Ordinal) { ["role"] = TemplateRoles.System, ["content"] = "" });
        if (_dialect.ToolCalls.ToolsInSystem)
            system["tools"] = ToolPrompt.ForSystemMessage(tools.Tools);
        else
            system["content"] = Join((string)system["content"]!, ToolPrompt.Text(tools.Tools));
    }

    private static string Join(string text, string more) => text.Length == 0 || more.Length == 0 ? text + more : text + "\n\n" + more;
}
