using System.Globalization;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Finds the constraints of schemas that their grammar does not hold.</summary>
internal sealed class UnsaidKeywords
{
    private const int MostPlaces = 100; // told of one schema
    private const double LargestWritten = 1e118; // more than 19 digits with an exponent of two

    private static readonly HashSet<string> Open =
        [.. Keyword.All.Where(static keyword => keyword.Support == KeywordSupport.Open).Select(static keyword => keyword.Name)];
    private static readonly string[] Single = ["items", "additionalProperties", "additionalItems", "propertyNames"];
    private static readonly string[] StringKeywords = ["pattern", "format", "contentEncoding"];
    private static readonly string[] Listed = ["items", "prefixItems", "allOf", "anyOf", "oneOf"];
    private static readonly string[] Named = ["properties", "$defs", "definitions"];

    private readonly GrammarBuilder _scratch = new(); // of patterns and formats, to see whether they can be said
    private readonly Dictionary<string, string[]> _unheld = new(StringComparer.Ordinal); // by the text of a schema
    private List<string> _places = [];

    /// <summary>The places of the constraints, as JSON pointers.</summary>
    /// <param name="schema">A schema that is not nested too deeply.</param>
    public IReadOnlyList<string> Find(JsonElement schema)
    {
        _places = [];
        Visit(schema, "");
        return _places;
    }

    private void Visit(JsonElement schema, string pointer)
    {
        if (schema.ValueKind != JsonValueKind.Object || _places.Count >= MostPlaces)
            return;
        foreach (string keyword in OfValues(schema, pointer))
            _places.Add(SchemaError.Child(pointer, keyword));
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            string name = keyword.Name;
            if (IsUnsaid(schema, name, keyword.Value))
                _places.Add(SchemaError.Child(pointer, name));
            VisitParts(name, keyword.Value, pointer);
        }
    }

    private void VisitParts(string name, JsonElement value, string pointer)
    {
        if (Named.Contains(name) && value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty part in value.EnumerateObject())
                Visit(part.Value, SchemaError.Child(Place(), part.Name));
        }
        else if (Listed.Contains(name) && value.ValueKind == JsonValueKind.Array)
        {
            foreach ((int index, JsonElement part) in value.EnumerateArray().Index())
                Visit(part, SchemaError.Child(Place(), index.ToString(CultureInfo.InvariantCulture)));
        }
        else if (Single.Contains(name))
        {
            Visit(value, Place());
        }

        string Place() => SchemaError.Child(pointer, name);
    }

    private static bool IsUnsaid(JsonElement schema, string name, JsonElement value) => name switch
    {
        "uniqueItems" => value.ValueKind == JsonValueKind.True,
        "unevaluatedProperties" or "unevaluatedItems" => value.ValueKind == JsonValueKind.Object,
        "minProperties" or "minContains" => value.GetRawText() != "0",
        "multipleOf" => value.GetRawText() != "1",
        "minLength" or "maxLength" or "minItems" or "maxItems" => Number(value) > Gbnf.MostRepetitions && !IsListed(schema),
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" =>
            IsBeyond(schema, name, Number(value)) && !IsListed(schema),
        "propertyNames" => schema.TryGetProperty("properties", out _) && value.ValueKind == JsonValueKind.Object
            && value.EnumerateObject().Any(static constraint => constraint.Name != "type"),
        _ => Open.Contains(name),
    };

    // Values that are listed are looked at one by one.
    private static bool IsListed(JsonElement schema) => schema.TryGetProperty("const", out _)
        || (schema.TryGetProperty("enum", out JsonElement values)
            && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0);

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : 0;

    // What is written of numbers ends there anyway: whole ones after their last digit, others with their largest exponent.
    private static bool IsBeyond(JsonElement schema, string name, double bound)
    {
        bool isInteger = schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
            && type.ValueEquals("integer");
        bool isHeld = isInteger && (bound < 0) == (name is "minimum" or "exclusiveMinimum");
        return !isHeld && Math.Abs(bound) >= (double)IntegerRange.Largest && (isInteger || Math.Abs(bound) < LargestWritten);
    }

    // What cannot be read of them is told where it is read.
    private string[] OfValues(JsonElement schema, string pointer)
    {
        bool isListed = IsListed(schema);
        if (!isListed && !StringKeywords.Any(keyword => schema.TryGetProperty(keyword, out _)))
            return [];
        Schema text = Schema.Of(pointer, schema);
        string key = text.Key;
        if (!_unheld.TryGetValue(key, out string[]? unsaid))
            _unheld[key] = unsaid = Unheld(text, isListed);
        return unsaid;
    }

    private string[] Unheld(Schema schema, bool isListed)
    {
        try
        {
            return [.. isListed ? SchemaValues.Unsaid(schema) : StringRules.Unsaid(_scratch, schema)];
        }
        catch (ArgumentException)
        {
            return [];
        }
    }
}
