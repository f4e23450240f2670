using System.Runtime.InteropServices;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>
/// How deep a schema's text is nested, found without building anything: all that comes after recurses, or copies a part for every level.
/// </summary>
internal static class SchemaDepth
{
    /// <summary>Whether a schema is nested more than <see cref="SchemaReader.Deepest"/> deep.</summary>
    public static bool IsTooDeep(JsonElement schema)
    {
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            return false;
        Utf8JsonReader reader = new(JsonMarshal.GetRawUtf8Value(schema), new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.CurrentDepth > SchemaReader.Deepest)
                return true;
        }

        return false;
    }
}
