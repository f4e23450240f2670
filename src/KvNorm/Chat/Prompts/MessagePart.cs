using System.Text;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>What a message says between the results of calls.</summary>
internal sealed class MessagePart
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();

    /// <summary>Gets the text.</summary>
    public string Text => _text.ToString();

    /// <summary>Gets the thoughts.</summary>
    public string Reasoning => _reasoning.ToString();

    /// <summary>Gets the calls.</summary>
    public List<FunctionCallContent> Calls { get; } = [];

    /// <summary>Gets whether there is nothing in it.</summary>
    public bool IsEmpty => _text.Length == 0 && _reasoning.Length == 0 && Calls.Count == 0;

    /// <summary>Takes a content.</summary>
    public void Add(AIContent content, string role, int index)
    {
        switch (content)
        {
            case TextContent text:
                _text.Append(text.Text);
                break;
            case TextReasoningContent reasoning:
                _reasoning.Append(reasoning.Text);
                break;
            case ErrorContent error:
                _text.Append("Error: ").Append(error.Message); // the model should know why an answer is missing
                break;
            case DataContent data when TextData.Read(data) is { } text:
                _text.Append(_text.Length > 0 ? "\n" : "").Append(text); // a file does not go on with the sentence before it
                break;
            case UsageContent:
                break;
            case FunctionCallContent call when role == TemplateRoles.Assistant:
                Calls.Add(call);
                break;
            case FunctionCallContent call:
                throw new ArgumentException(
                    $"Message {index} has the role '{role}' and a call of '{call.Name}'; only an assistant calls tools.");
            default:
                throw UnsupportedContent.Exception(content, index);
        }
    }
}
