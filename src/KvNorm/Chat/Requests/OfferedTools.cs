using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Requests;

/// <summary>The tools of a request that a local model can call.</summary>
internal static class OfferedTools
{
    /// <summary>Whether a tool is one that a local model can call.</summary>
    public static bool IsFunction(AITool? tool) => Function(tool) is { Name.Length: > 0 };

    /// <summary>The functions that the tools are.</summary>
    /// <exception cref="NotSupportedException">A tool is not a function: a service would have to run it.</exception>
    /// <exception cref="ArgumentException">A tool is null, has no name, or has that of another.</exception>
    public static IReadOnlyList<AIFunctionDeclaration> Functions(IList<AITool>? tools)
    {
        List<AIFunctionDeclaration> functions = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int index = 0; index < (tools?.Count ?? 0); index++)
        {
            AITool tool = tools![index] ?? throw new ArgumentException($"Tool {index} is null.", nameof(tools));
            if (Function(tool) is not { } function)
                throw new NotSupportedException(
                    $"Tool {index} ('{tool.Name}') is a {tool.GetType().Name}, which a service would have to run; "
                    + "a local model calls functions (AIFunction, AIFunctionDeclaration) only.");
            if (string.IsNullOrWhiteSpace(function.Name))
                throw new ArgumentException($"Tool {index} has no name.", nameof(tools));
            if (!names.Add(function.Name))
                throw new ArgumentException($"Tool {index} has the name of another one, '{function.Name}'.", nameof(tools));
            functions.Add(function);
        }

        return functions;
    }

    private static AIFunctionDeclaration? Function(AITool? tool) =>
        tool as AIFunctionDeclaration ?? tool?.GetService<AIFunctionDeclaration>();
}
