using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>
/// The schema of a tool's arguments. Of a .NET method it is made again with the ranges of its types, which System.Text.Json reads but does
/// not write into schemas: any integer is one of the schema of a byte.
/// </summary>
internal static class ArgumentSchema
{
    private static readonly ConditionalWeakTable<AIFunction, StrongBox<JsonElement>> Known = [];

    /// <summary>The schema that the grammar of a tool's arguments is made of.</summary>
    public static JsonElement Of(AIFunctionDeclaration tool) => tool is AIFunction { UnderlyingMethod: not null } function
        ? Known.GetValue(function, static key => new StrongBox<JsonElement>(Narrowed(key))).Value
        : tool.JsonSchema;

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
