using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>Makes the messages for a chat template from a conversation, and checks them.</summary>
internal sealed class TemplateMessages
{
    private readonly List<TemplateMessage> _messages = [];
    private readonly Dictionary<string, string> _calls = new(StringComparer.Ordinal); // names by id
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal); // ids of calls that have results

    private TemplateMessages()
    {
    }

    /// <summary>Makes the messages.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="instructions">What stands before it as system text; null for nothing.</param>
    /// <param name="tools">The tools of the request. Where the template does not take them, the system text tells of them.</param>
    /// <param name="dialect">What the template takes of tools.</param>
    /// <exception cref="ArgumentException">A message or content stands where it cannot: the message says where.</exception>
    /// <exception cref="NotSupportedException">A content is no text.</exception>
    public static IReadOnlyList<TemplateMessage> Create(
        IEnumerable<ChatMessage> messages, string? instructions, ToolRequest tools, Dialect dialect)
    {
        TemplateMessages made = new();
        if (!string.IsNullOrEmpty(instructions))
            made._messages.Add(new TemplateMessage(TemplateRoles.System, instructions));
        ChatMessage[] all = [.. messages];
        made._answered.UnionWith(
            all.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Select(static result => result.CallId));
        for (int index = 0; index < all.Length; index++)
            made.Add(all[index], index);
        if (tools.Tools.Count > 0 && !dialect.TakesTools)
            made.TellOf(tools, dialect);
        return made._messages;
    }

    // Of it only the name is known: written as a call, it would show the model one without arguments. Its exception is not serialised.
    private bool IsBrokenOff(AIContent content) =>
        content is FunctionCallContent { InformationalOnly: true, Arguments: null } call && !_answered.Contains(call.CallId);

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
            else if (!IsBrokenOff(content))
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

        foreach (FunctionCallContent call in part.Calls)
        {
            if (string.IsNullOrEmpty(call.CallId) || string.IsNullOrEmpty(call.Name))
                throw new ArgumentException($"Message {index} has a FunctionCallContent without a call id or a name.");
            _calls[call.CallId] = call.Name;
        }

        if (role == TemplateRoles.System && _messages is [{ IsSystem: true } first])
            _messages[0] = first with { Text = Join(first.Text, part.Text) }; // templates look for one system message at the beginning
        else
            _messages.Add(new TemplateMessage(role, part.Text, index) { Reasoning = part.Reasoning, Calls = part.Calls });
    }

    private void AddResult(FunctionResultContent result, int index)
    {
        if (!_calls.TryGetValue(result.CallId, out string? name))
        {
            throw new ArgumentException(
                $"Message {index} has the result of the call '{result.CallId}', but no message before it has that call. "
                + "Keep a call and its result together when a history is shortened.");
        }

        string text = FunctionResultText.Of(result, index);
        _messages.Add(new TemplateMessage(TemplateRoles.Tool, text, index) { CallId = result.CallId, ToolName = name });
    }

    private void TellOf(ToolRequest tools, Dialect dialect)
    {
        if (_messages is not [{ IsSystem: true }, ..])
            _messages.Insert(0, new TemplateMessage(TemplateRoles.System, ""));
        TemplateMessage system = _messages[0];
        _messages[0] = dialect.ToolCalls.ToolsInSystem
            ? system with { Tools = ToolPrompt.ForSystemMessage(tools.Tools) }
            : system with { Text = Join(system.Text, ToolPrompt.Text(tools.Tools)) };
    }

    private static string Join(string text, string more) =>
        text.Length == 0 || more.Length == 0 ? text + more : text + MessageOrder.Separator + more;
}
