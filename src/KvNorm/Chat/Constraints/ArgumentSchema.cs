using System.Runtime.CompilerServices;
using System.Text.Json;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>
/// The schema of a tool's arguments. Of a .NET method it is made again with the ranges of its types, which System.Text.Json reads but does
/// not write into schemas: any integer is one of the schema of a byte.
/// </summary>
internal static class ArgumentSchema
{
    private static readonly ConditionalWeakTable<AIFunction, StrongBox<JsonElement>> Known = [];
    private static readonly JsonElement Open = JsonElement.Parse("{}");

    /// <summary>The schema that the grammar of a tool's arguments is made of. All its names and texts can be read.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="report">Told where they cannot, which leaves the arguments open.</param>
    public static JsonElement Of(AIFunctionDeclaration tool, Action<string>? report = null)
    {
        AIFunction? function = tool is AIFunction { UnderlyingMethod: not null } method ? method : null;
        if (function is not null && Known.TryGetValue(function, out StrongBox<JsonElement>? known))
            return known.Value;
        if (!ToolCallText.IsText(tool.JsonSchema))
        {
            report?.Invoke("The JSON schema holds half a surrogate pair.");
            return Open;
        }

        return function is null
            ? tool.JsonSchema
            : Known.GetValue(function, static key => new StrongBox<JsonElement>(Narrowed(key))).Value;
    }

    // Only where the same schema comes out without the ranges: an application may have made its own.
    private static JsonElement Narrowed(AIFunction function)
    {
        JsonElement schema = function.JsonSchema;
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out JsonElement properties)
            || properties.ValueKind != JsonValueKind.Object)
            return schema;
        AIJsonSchemaCreateOptions plain = new() { IncludeParameter = parameter => properties.TryGetProperty(parameter.Name!, out _) };
        try
        {
            return JsonElement.DeepEquals(Create(function, plain), schema)
                ? Create(function, plain with { TransformSchemaNode = TypeRanges.Add })
                : schema;
        }
        catch (NotSupportedException)
        {
            return schema; // the application's options do not know a type
        }
    }

    private static JsonElement Create(AIFunction function, AIJsonSchemaCreateOptions options) => AIJsonUtilities.CreateFunctionJsonSchema(
        function.UnderlyingMethod!, title: "", description: "", function.JsonSerializerOptions, options);
}
