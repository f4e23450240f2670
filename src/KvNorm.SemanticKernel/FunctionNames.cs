using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.SemanticKernel;

/// <summary>
/// Semantic Kernel offers a function to a client as PLUGIN_FUNCTION, does not take that apart again when the model calls it, and drops the
/// plugin when the call is sent back. Calls taken apart can be invoked on a kernel; put together again they are the text that the model
/// wrote.
/// </summary>
internal static class FunctionNames
{
    private const string Separator = "_";
    private const string BuilderSeparator = "-"; // what FunctionCallContentBuilder takes names apart at

    /// <summary>A history with whole names, for the client. The history given stays as it is.</summary>
    public static ChatHistory Join(ChatHistory history) => [.. history.Select(Join)];

    /// <summary>Takes the names of a message's calls and results apart, in place.</summary>
    public static ChatMessageContent Split(ChatMessageContent message, Kernel? kernel)
    {
        for (int i = 0; i < message.Items.Count; i++)
        {
            message.Items[i] = message.Items[i] switch
            {
                FunctionCallContent { PluginName: null } call when Find(kernel, call.FunctionName) is { } function =>
                    Copy(
                        call,
                        new FunctionCallContent(function.Name, function.PluginName, call.Id, call.Arguments)
                        {
                            Exception = call.Exception,
                        }),
                FunctionResultContent { PluginName: null } result when Find(kernel, result.FunctionName) is { } function =>
                    Copy(result, new FunctionResultContent(function.Name, function.PluginName, result.CallId, result.Result)),
                KernelContent other => other,
            };
        }

        return message;
    }

    /// <summary>
    /// Gives the calls in a piece of a stream names that FunctionCallContentBuilder takes apart, and numbers, since each of them comes
    /// whole.
    /// </summary>
    /// <param name="piece">The piece, changed in place.</param>
    /// <param name="kernel">The kernel whose functions may be called.</param>
    /// <param name="calls">The calls in the pieces before; counted on.</param>
    public static StreamingChatMessageContent Split(StreamingChatMessageContent piece, Kernel? kernel, ref int calls)
    {
        for (int i = 0; i < piece.Items.Count; i++)
        {
            if (piece.Items[i] is not StreamingFunctionCallUpdateContent call)
                continue;
            string? name = Find(kernel, call.Name) is { } function ? $"{function.PluginName}{BuilderSeparator}{function.Name}" : call.Name;
            piece.Items[i] = new StreamingFunctionCallUpdateContent(call.CallId, name, call.Arguments, calls++)
            {
                InnerContent = call.InnerContent,
                ModelId = call.ModelId,
                Metadata = call.Metadata,
            };
        }

        return piece;
    }

    private static ChatMessageContent Join(ChatMessageContent message)
    {
        if (!message.Items.OfType<FunctionCallContent>().Any(call => call.PluginName is not null))
            return message;
        return new ChatMessageContent
        {
            Role = message.Role,
            Items = [.. message.Items.Select(item => item is FunctionCallContent { PluginName: { } plugin } call
                ? Copy(
                    call,
                    new FunctionCallContent(plugin + Separator + call.FunctionName, pluginName: null, call.Id, call.Arguments)
                    {
                        Exception = call.Exception,
                    })
                : item)],
            AuthorName = message.AuthorName,
            ModelId = message.ModelId,
            InnerContent = message.InnerContent,
            Metadata = message.Metadata,
        };
    }

    private static KernelFunction? Find(Kernel? kernel, string? name) =>
        kernel?.Plugins.SelectMany(plugin => plugin).FirstOrDefault(function => function.PluginName + Separator + function.Name == name);

    private static KernelContent Copy(KernelContent from, KernelContent to)
    {
        (to.InnerContent, to.ModelId, to.Metadata) = (from.InnerContent, from.ModelId, from.Metadata);
        return to;
    }
}
