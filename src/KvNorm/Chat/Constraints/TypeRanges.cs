using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>What System.Text.Json reads of a .NET type beyond what its schema says.</summary>
internal static class TypeRanges
{
    // Where a number of this size can be written at all, no exponent is needed.
    private const string Decimal = """{"minimum":-9999999999999999998,"maximum":9999999999999999998}""";

    private static readonly Dictionary<Type, string> Ranges = new()
    {
        [typeof(sbyte)] = """{"minimum":-128,"maximum":127}""",
        [typeof(byte)] = """{"minimum":0,"maximum":255}""",
        [typeof(short)] = """{"minimum":-32768,"maximum":32767}""",
        [typeof(ushort)] = """{"minimum":0,"maximum":65535}""",
        [typeof(int)] = """{"minimum":-2147483648,"maximum":2147483647}""",
        [typeof(uint)] = """{"minimum":0,"maximum":4294967295}""",
        [typeof(long)] = """{"minimum":-9223372036854775808,"maximum":9223372036854775807}""",
        [typeof(ulong)] = """{"minimum":0}""",
        [typeof(UInt128)] = """{"minimum":0}""",
        [typeof(Half)] = """{"minimum":-65504,"maximum":65504}""",
        [typeof(float)] = Decimal,
        [typeof(decimal)] = Decimal,
        [typeof(char)] = """{"pattern":"^[\\x00-\\uFFFF]$"}""",
        [typeof(TimeOnly)] = """{"pattern":"^([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,7})?$"}""",
        [typeof(byte[])] = """{"contentEncoding":"base64"}""",
        [typeof(Memory<byte>)] = """{"contentEncoding":"base64"}""",
        [typeof(ReadOnlyMemory<byte>)] = """{"contentEncoding":"base64"}""",
    };

    // A digit less than the largest has.
    private static readonly Dictionary<Type, string> Keys = new()
    {
        [typeof(sbyte)] = Number(2, isSigned: true),
        [typeof(byte)] = Number(2, isSigned: false),
        [typeof(short)] = Number(4, isSigned: true),
        [typeof(ushort)] = Number(4, isSigned: false),
        [typeof(int)] = Number(9, isSigned: true),
        [typeof(uint)] = Number(9, isSigned: false),
        [typeof(long)] = Number(18, isSigned: true),
        [typeof(ulong)] = Number(19, isSigned: false),
        [typeof(bool)] = """{"enum":["true","false"]}""",
        [typeof(Guid)] = """{"format":"uuid"}""",
        [typeof(DateTime)] = """{"format":"date-time"}""",
        [typeof(DateTimeOffset)] = """{"format":"date-time"}""",
        [typeof(DateOnly)] = """{"format":"date"}""",
        [typeof(TimeOnly)] = Ranges[typeof(TimeOnly)],
    };

    /// <summary>Adds to a node of a schema what its type says, where the schema says nothing of the kind.</summary>
    public static JsonNode Add(AIJsonSchemaCreateContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
            return node;
        Type type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type.IsEnum && Names(schema, "integer"))
            type = Enum.GetUnderlyingType(type);
        if (Ranges.TryGetValue(type, out string? range) && !schema.ContainsKey("enum") && !schema.ContainsKey("$ref"))
            Join(schema, range);
        else if (context.TypeInfo.KeyType is { } key && KeyRange(key) is { } names && Names(schema, "object"))
            schema.TryAdd("propertyNames", JsonNode.Parse(names));
        return schema;
    }

    private static void Join(JsonObject schema, string range)
    {
        foreach ((string keyword, JsonNode? value) in JsonNode.Parse(range)!.AsObject())
            schema.TryAdd(keyword, value?.DeepClone());
    }

    private static bool Names(JsonObject schema, string type) => schema["type"] switch
    {
        JsonValue one => (string?)one == type,
        JsonArray several => several.Any(name => (string?)name == type),
        _ => false,
    };

    private static string? KeyRange(Type key) => key.IsEnum
        ? new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(key).Select(static name => (JsonNode)name)]) }.ToJsonString()
        : Keys.GetValueOrDefault(key);

    private static string Number(int digits, bool isSigned) =>
        $$"""{"pattern":"^{{(isSigned ? "-?" : "")}}(0|[1-9]\\d{0,{{digits - 1}}})$"}""";
}
