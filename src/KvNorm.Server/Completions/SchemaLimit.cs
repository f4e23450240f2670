using System.Text;
using System.Text.Json;
using KvNorm.Server.Api;

namespace KvNorm.Server.Completions;

/// <summary>Holds the JSON schemas of a request against the server's limit.</summary>
internal static class SchemaLimit
{
    /// <summary>A schema that is within it.</summary>
    /// <exception cref="ApiException">It is too large, or no schema.</exception>
    public static JsonElement Require(JsonElement schema, int maximumBytes, string field)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid(field, "must be a JSON schema, as an object.");
        int bytes = Encoding.UTF8.GetByteCount(schema.GetRawText());
        return bytes <= maximumBytes
            ? schema
            : throw ApiException.Invalid(field, $"takes {bytes} bytes; this server takes {maximumBytes}.", "schema_too_large");
    }
}
