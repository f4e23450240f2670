using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>A conversation as the scripted client reads it: a token is a word.</summary>
internal sealed class ScriptedPrompt
{
    public const string RoleMark = "<turn>";

    private ScriptedPrompt(List<string> tokens, string asked) => (Tokens, Asked) = (tokens, asked);

    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Gets the last message's text if it is a user's, otherwise nothing.</summary>
    public string Asked { get; }

    public static ScriptedPrompt Read(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        List<string> tokens = [];
        if (options?.ToolMode is not NoneChatToolMode)
            tokens.AddRange(options?.Tools?.Select(tool => tool.Name) ?? []);
        if (!string.IsNullOrEmpty(options?.Instructions))
            tokens.AddRange(Turn(ChatRole.System, options.Instructions));
        string asked = "";
        foreach (ChatMessage message in messages)
        {
            string text = string.Concat(message.Contents.Select(Text));
            asked = message.Role == ChatRole.User ? text : "";
            tokens.AddRange(Turn(message.Role, text));
        }

        tokens.AddRange(Turn(ChatRole.Assistant, ""));
        return new ScriptedPrompt(tokens, asked);
    }

    /// <summary>The text that a call is in the prompt when it is resent.</summary>
    public static string Text(FunctionCallContent call) => $"{call.Name}({JsonSerializer.Serialize(call.Arguments)})";

    private static IEnumerable<string> Turn(ChatRole role, string text) =>
        [RoleMark + role, .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static string Text(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent or UsageContent => "",
        FunctionCallContent call => Text(call),
        FunctionResultContent { Exception: { } failure } => failure.Message,
        FunctionResultContent result => $"{result.CallId}: {result.Result}",
        DataContent data => throw new NotSupportedException($"No {data.MediaType} here."),
        UriContent uri => throw new NotSupportedException($"No {uri.MediaType} here."),
        _ => throw new NotSupportedException($"No {content.GetType().Name} here."),
    };
}
