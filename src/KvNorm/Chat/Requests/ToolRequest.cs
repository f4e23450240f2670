using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Requests;

/// <summary>What a request says about tools.</summary>
/// <param name="Tools">The tools that the model is told of, in order.</param>
/// <param name="IsForced">Whether the answer has to be a call.</param>
/// <param name="Only">The one tool that has to be called; null for any.</param>
/// <param name="Many">Whether an answer may hold several calls.</param>
internal sealed record ToolRequest(IReadOnlyList<AIFunctionDeclaration> Tools, bool IsForced, string? Only, bool Many)
{
    /// <summary>No tools.</summary>
    public static readonly ToolRequest None = new([], false, null, false);

    /// <summary>
    /// Gets whether the answer must not be a call. The model is told of the tools all the same: without them the prompt would be another
    /// one, to be prefilled from its start.
    /// </summary>
    public bool IsForbidden { get; init; }

    /// <summary>The same tools, with arguments of which nothing is known.</summary>
    public ToolRequest WithOpenArguments() => this with
    {
        Tools = [.. Tools.Select(static tool => AIFunctionFactory.CreateDeclaration(tool.Name, tool.Description, JsonElement.Parse("{}")))],
    };

    /// <summary>
    /// Reads the options. Where a grammar leads to calls, an answer holds one unless more are asked for: a small model may add calls for
    /// ever.
    /// </summary>
    /// <exception cref="NotSupportedException">A tool is not a function.</exception>
    /// <exception cref="ArgumentException">A call is required that is not possible, or a tool has no name.</exception>
    public static ToolRequest Create(ChatOptions? options)
    {
        if (options is null)
            return None;
        if (options.ToolMode is NoneChatToolMode)
        {
            IReadOnlyList<AIFunctionDeclaration> told = OfferedTools.Functions([.. options.Tools?.Where(OfferedTools.IsFunction) ?? []]);
            return told.Count == 0 ? None : new ToolRequest(told, false, null, false) { IsForbidden = true };
        }

        IReadOnlyList<AIFunctionDeclaration> tools = OfferedTools.Functions(options.Tools);
        bool isJson = options.ResponseFormat is ChatResponseFormatJson;
        if (options.ToolMode is not RequiredChatToolMode required)
            return tools.Count == 0 ? None : new ToolRequest(tools, false, null, options.AllowMultipleToolCalls ?? !isJson);
        if (tools.Count == 0)
            throw new ArgumentException("ChatOptions.ToolMode requires a call, but ChatOptions.Tools holds no tool.", nameof(options));
        string? only = required.RequiredFunctionName;
        if (only is not null && !tools.Any(tool => tool.Name == only))
        {
            string offered = string.Join(", ", tools.Select(static tool => tool.Name));
            throw new ArgumentException(
                $"ChatOptions.ToolMode requires a call of '{only}', which is not among ChatOptions.Tools: {offered}.", nameof(options));
        }

        return new ToolRequest(tools, true, only, options.AllowMultipleToolCalls ?? false);
    }
}
