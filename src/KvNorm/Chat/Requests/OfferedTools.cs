using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Requests;

/// <summary>The tools of a request that a local model can call.</summary>
internal static class OfferedTools
{
    /// <summary>Whether a tool is one that a local model can call.</summary>
    public static bool IsFunction(AITool? tool) => Function(tool) is { Name.Length: > 0 };

    /// <summary>
    /// The functions among the tools. Of two with the same name the later counts, in the place of the earlier: callers invoke the later.
    /// </summary>
    /// <exception cref="NotSupportedException">A tool is not a function: a service would have to run it.</exception>
    /// <exception cref="ArgumentException">A tool is null or has no name, so that it cannot be called.</exception>
    public static IReadOnlyList<AIFunctionDeclaration> Functions(IList<AITool>? tools)
    {
        OrderedDictionary<string, AIFunctionDeclaration> functions = new(StringComparer.Ordinal);
        for (int index = 0; index < (tools?.Count ?? 0); index++)
        {
            AITool tool = tools![index] ?? throw new ArgumentException($"Tool {index} is null.", nameof(tools));
            if (Function(tool) is not { } function)
                throw new NotSupportedException(
                    $"Tool {index} ('{tool.Name}') is a {tool.GetType().Name}, which a service would have to run; "
                    + "a local model calls functions (AIFunction, AIFunctionDeclaration) only.");
            if (string.IsNullOrWhiteSpace(function.Name))
                throw new ArgumentException($"Tool {index} has no name.", nameof(tools));
            functions[function.Name] = function;
        }

        return [.. functions.Values];
    }

    private static AIFunctionDeclaration? Function(AITool? tool) =>
        tool as AIFunctionDeclaration ?? tool?.GetService<AIFunctionDeclaration>();
}
