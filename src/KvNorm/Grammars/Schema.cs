using System.Runtime.InteropServices;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>
/// A schema without references and combinations: constraints that all hold. Malformed constraints are found where they are read.
/// </summary>
/// <param name="Pointer">Where it stands, for messages.</param>
internal sealed record Schema(string Pointer)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "type", "nullable", "const", "enum", "properties", "required", "additionalProperties", "patternProperties", "items", "prefixItems",
        "additionalItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format", "contentEncoding",
        "propertyNames", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum",
    };

    private static readonly string[] Combining = ["$ref", "allOf", "anyOf", "oneOf"];

    private static readonly (string Keyword, JsonTypes Type)[] Implied =
    [
        ("properties", JsonTypes.Object), ("required", JsonTypes.Object), ("additionalProperties", JsonTypes.Object),
        ("patternProperties", JsonTypes.Object), ("propertyNames", JsonTypes.Object),
        ("items", JsonTypes.Array), ("prefixItems", JsonTypes.Array), ("minItems", JsonTypes.Array), ("maxItems", JsonTypes.Array),
        ("minLength", JsonTypes.String), ("maxLength", JsonTypes.String), ("pattern", JsonTypes.String), ("format", JsonTypes.String),
        ("contentEncoding", JsonTypes.String),
        ("minimum", JsonTypes.Number), ("maximum", JsonTypes.Number), ("exclusiveMinimum", JsonTypes.Number),
        ("exclusiveMaximum", JsonTypes.Number),
    ];

    private readonly SortedDictionary<string, JsonElement> _keywords = new(StringComparer.Ordinal);

    /// <summary>Takes the keywords of a schema that are known.</summary>
    public static Schema Of(string pointer, JsonElement element)
    {
        Schema schema = new(pointer);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (Known.Contains(property.Name))
                schema._keywords[property.Name] = property.Value;
        }

        schema.TakeExclusive("exclusiveMinimum", "minimum");
        schema.TakeExclusive("exclusiveMaximum", "maximum");
        if (!IsCombined(element) && schema["type"] is null && !schema.ImpliedTypes().Any())
            schema._keywords.Remove("nullable"); // it adds null to a type, and here there is none
        return schema;
    }

    /// <summary>Whether a schema refers to others or is made of some.</summary>
    /// <param name="element">The schema.</param>
    /// <param name="but">A keyword that does not count; null for none.</param>
    public static bool IsCombined(JsonElement element, string? but = null) =>
        Combining.Any(keyword => keyword != but && element.TryGetProperty(keyword, out _));

    /// <summary>A schema of given keywords.</summary>
    public static Schema Of(string pointer, IEnumerable<KeyValuePair<string, JsonElement>> keywords)
    {
        Schema schema = new(pointer);
        foreach ((string keyword, JsonElement value) in keywords)
            schema._keywords[keyword] = value;
        return schema;
    }

    public IReadOnlyDictionary<string, JsonElement> Keywords => _keywords;

    /// <summary>Gets a text that is the same for the same constraints.</summary>
    public string Key => string.Concat(_keywords.Select(static keyword => $"{keyword.Key}:{keyword.Value.GetRawText()}\n"));

    /// <summary>Gets how long the text of its constraints is.</summary>
    public long Bytes => _keywords.Values.Sum(static value => (long)JsonMarshal.GetRawUtf8Value(value).Length);

    /// <summary>
    /// Gets the types it allows. Without "type" those that its other keywords are about: who says "properties" means an object.
    /// </summary>
    public JsonTypes Types
    {
        get
        {
            JsonTypes types = DeclaredTypes();
            return IsTrue("nullable") ? types | JsonTypes.Null : types;
        }
    }

    public JsonElement? this[string keyword] => _keywords.TryGetValue(keyword, out JsonElement value) ? value : null;

    /// <summary>A keyword that counts something.</summary>
    public int? Count(string keyword)
    {
        if (this[keyword] is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || number < 0 || number != Math.Floor(number))
            throw SchemaError.At(SchemaError.Child(Pointer, keyword), "must be a whole number from 0 on.");
        return number > int.MaxValue ? int.MaxValue : (int)number;
    }

    /// <summary>A keyword that bounds numbers; null also where it is beyond what is counted with here.</summary>
    public decimal? Bound(string keyword) => this[keyword] switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value => value.TryGetDecimal(out decimal number) ? number : null,
        _ => throw SchemaError.At(SchemaError.Child(Pointer, keyword), "must be a number."),
    };

    /// <summary>Whether a keyword is there with the value true.</summary>
    public bool IsTrue(string keyword) => this[keyword] is { ValueKind: JsonValueKind.True };

    /// <summary>A keyword whose value is text.</summary>
    public string? Text(string keyword) => this[keyword] switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw SchemaError.At(SchemaError.Child(Pointer, keyword), "must be text."),
    };

    // Draft 4 says by a boolean that a bound itself is left out; later drafts have the bound there.
    private void TakeExclusive(string keyword, string bound)
    {
        if (this[keyword] is not { ValueKind: JsonValueKind.True or JsonValueKind.False } isExclusive)
            return;
        _keywords.Remove(keyword);
        if (isExclusive.ValueKind == JsonValueKind.True && _keywords.Remove(bound, out JsonElement value))
            _keywords[keyword] = value;
    }

    private JsonTypes DeclaredTypes() => this["type"] switch
    {
        { ValueKind: JsonValueKind.String } one => TypeOf(one),
        { ValueKind: JsonValueKind.Array } several =>
            several.EnumerateArray().Aggregate(JsonTypes.None, (types, type) => types | TypeOf(type)),
        null when ImpliedTypes().Any() => ImpliedTypes().Aggregate(JsonTypes.None, static (types, implied) => types | implied),
        null => JsonTypes.Any,
        _ => throw SchemaError.At(SchemaError.Child(Pointer, "type"), "must be a name of a type or an array of them."),
    };

    private IEnumerable<JsonTypes> ImpliedTypes() =>
        Implied.Where(implied => _keywords.ContainsKey(implied.Keyword)).Select(static implied => implied.Type);

    private JsonTypes TypeOf(JsonElement name) => (name.ValueKind == JsonValueKind.String ? name.GetString() : null) switch
    {
        "object" => JsonTypes.Object,
        "array" => JsonTypes.Array,
        "string" => JsonTypes.String,
        "number" => JsonTypes.Number,
        "integer" => JsonTypes.Integer,
        "boolean" => JsonTypes.Boolean,
        "null" => JsonTypes.Null,
        _ => throw SchemaError.At(SchemaError.Child(Pointer, "type"), $"names no type of JSON Schema: {name.GetRawText()}."),
    };
}
