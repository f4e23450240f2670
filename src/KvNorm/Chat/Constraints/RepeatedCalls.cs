using System.Text.Json;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>
/// Tools that a model would only call again for what they have answered. A small model that may write either JSON or a call tends to repeat
/// its last call until the loop around it gives up.
/// </summary>
internal static class RepeatedCalls
{
    /// <summary>The tools without those that have nothing new to say since the user last spoke.</summary>
    /// <param name="tools">The tools of a request.</param>
    /// <param name="messages">Its conversation.</param>
    /// <returns>
    /// Left out is a tool without parameters that was called, and one that was called twice with equal arguments: whether a call will
    /// repeat an earlier one is not known before its arguments are written.
    /// </returns>
    public static ToolRequest Without(ToolRequest tools, IReadOnlyList<ChatMessage> messages)
    {
        ILookup<string, string> answered = messages
            .Reverse()
            .TakeWhile(static message => message.Role != ChatRole.User)
            .SelectMany(static message => message.Contents.OfType<FunctionCallContent>())
            .ToLookup(static call => call.Name, Arguments, StringComparer.Ordinal);
        return tools with { Tools = [.. tools.Tools.Where(tool => !IsSpent(tool, answered[tool.Name]))] };
    }

    private static bool IsSpent(AIFunctionDeclaration tool, IEnumerable<string> calls) =>
        ToolGrammar.TakesNothing(ArgumentSchema.Of(tool))
            ? calls.Any()
            : calls.CountBy(static arguments => arguments, StringComparer.Ordinal).Any(static same => same.Value > 1);

    private static string Arguments(FunctionCallContent call) =>
        JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));
}
