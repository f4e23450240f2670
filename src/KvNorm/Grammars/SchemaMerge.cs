using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Makes one schema of two that both hold. What cannot be joined is left out, which allows more.</summary>
internal static class SchemaMerge
{
    private const int MostCharacters = 1 << 20; // of two schemas in one
    private const int MostOfOneHash = 64; // values that are compared

    private static readonly JsonElement False = JsonDocument.Parse("false").RootElement;
    private static readonly string[] ObjectKeywords = ["properties", "additionalProperties", "patternProperties"];
    private static readonly string[] Single = ["pattern", "format", "contentEncoding", "propertyNames"]; // of two the first is held
    private static readonly string[] ArrayKeywords = ["items", "prefixItems", "additionalItems"];

    /// <summary>The schema of what satisfies both; null when nothing can.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <param name="lost">Told of keywords that are left out of one of them.</param>
    public static Schema? Merge(Schema left, Schema right, Action<string>? lost = null)
    {
        Dictionary<string, JsonElement> merged = new(left.Keywords, StringComparer.Ordinal);
        if (left["type"] is not null && right["type"] is not null)
        {
            JsonTypes types = Intersect(left.Types, right.Types);
            if (types == JsonTypes.None)
                return null;
            merged["type"] = TypeNames(types);
            merged.Remove("nullable");
        }

        foreach ((string keyword, JsonElement value) in right.Keywords)
        {
            if (keyword is "type" or "nullable" && merged.ContainsKey("type") && left["type"] is not null && right["type"] is not null)
                continue;
            if (ObjectKeywords.Contains(keyword, StringComparer.Ordinal) || ArrayKeywords.Contains(keyword, StringComparer.Ordinal))
                continue;
            if (!merged.TryGetValue(keyword, out JsonElement other))
                merged[keyword] = value;
            else if (Join(keyword, other, value) is { } joined)
                merged[keyword] = joined;
            else
                return null;
            if (Single.Contains(keyword, StringComparer.Ordinal) && !JsonElement.DeepEquals(merged[keyword], value))
                lost?.Invoke(keyword);
        }

        MergeProperties(left, right, merged);
        MergeItems(left, right, merged, lost);
        Schema both = Schema.Of(left.Pointer, merged);
        IReadOnlyList<JsonElement>? values = SchemaValues.Of(both);
        if (values is { Count: 0 })
            return null;
        if (lost is not null)
            TellUnheld(left, right, SchemaValues.Unsaid(both, values), lost);
        return both;
    }

    /// <summary>Whether a number is less than another one. A double does not tell neighbours beyond 2^53 apart.</summary>
    public static bool IsLess(JsonElement left, JsonElement right)
    {
        if (left.ValueKind != JsonValueKind.Number || right.ValueKind != JsonValueKind.Number)
            return false;
        return left.TryGetDecimal(out decimal first) && right.TryGetDecimal(out decimal second)
            ? first < second
            : left.TryGetDouble(out double one) && right.TryGetDouble(out double other) && one < other;
    }

    // Of a list and what it is not held to, one stands in each.
    private static void TellUnheld(Schema left, Schema right, IEnumerable<string> unsaid, Action<string> lost)
    {
        foreach (string keyword in unsaid)
        {
            if (!SchemaValues.IsListed(left, keyword) && !SchemaValues.IsListed(right, keyword))
                lost(keyword);
        }
    }

    private static JsonElement? Join(string keyword, JsonElement left, JsonElement right) => keyword switch
    {
        "required" =>
            Parse([.. Elements(left).Concat(Elements(right)).Select(static name => name.GetRawText()).Distinct(StringComparer.Ordinal)]),
        "minimum" or "exclusiveMinimum" or "minLength" or "minItems" => Larger(left, right),
        "maximum" or "exclusiveMaximum" or "maxLength" or "maxItems" => Larger(right, left, left, right),
        "const" => JsonElement.DeepEquals(left, right) ? left : null,
        "enum" => Common(left, right),
        _ => left,
    };

    private static JsonElement Larger(JsonElement left, JsonElement right) => Larger(left, right, left, right);

    private static JsonElement Larger(JsonElement left, JsonElement right, JsonElement ifLeft, JsonElement ifRight) =>
        IsLess(left, right) ? ifRight : ifLeft;

    // Lists may be long: only values with the same hash are compared, and a list of many of these was made for that.
    private static JsonElement? Common(JsonElement left, JsonElement right)
    {
        ILookup<int, JsonElement> others = Elements(right).ToLookup(Hash);
        string[] common =
        [
            .. Elements(left).Where(value => others[Hash(value)].Take(MostOfOneHash).Any(other => JsonElement.DeepEquals(value, other)))
                .Select(static value => value.GetRawText()),
        ];
        return common.Length > 0 ? Parse(common) : null;
    }

    // The same for equal values, however their numbers and strings are spelled and their members are ordered.
    private static int Hash(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.GetHashCode(StringComparison.Ordinal),
        JsonValueKind.Number => value.TryGetDouble(out double number) ? number.GetHashCode() : 0,
        JsonValueKind.Array => value.EnumerateArray().Aggregate(1, static (hash, item) => HashCode.Combine(hash, Hash(item))),
        JsonValueKind.Object => value.EnumerateObject()
            .Aggregate(2, static (hash, member) => unchecked(hash + HashCode.Combine(member.Name, Hash(member.Value)))),
        _ => (int)value.ValueKind,
    };

    // A property that only one of them declares must be what the other allows additional ones to be.
    private static void MergeProperties(Schema left, Schema right, Dictionary<string, JsonElement> merged)
    {
        if (!ObjectKeywords.Any(keyword => right[keyword] is not null))
            return;
        OrderedDictionary<string, JsonElement> properties = [];
        foreach ((Schema one, Schema other) in new[] { (left, right), (right, left) })
        {
            Dictionary<string, JsonElement> others = new(StringComparer.Ordinal); // both may be long
            foreach (JsonProperty property in Members(other["properties"]))
                others[property.Name] = property.Value;
            foreach (JsonProperty property in Members(one["properties"]))
            {
                if (properties.ContainsKey(property.Name))
                    continue;
                properties[property.Name] = others.TryGetValue(property.Name, out JsonElement also)
                    ? AllOf(property.Value, also)
                    : Additional(other) is { } additional ? AllOf(property.Value, additional) : property.Value;
            }
        }

        if (properties.Count > 0)
            merged["properties"] = Parse(properties);
        JsonElement? rest = right["additionalProperties"] is { } more && left["additionalProperties"] is { } bound
            ? AllOf(bound, more)
            : left["additionalProperties"] ?? right["additionalProperties"];
        if (rest is { } value)
            merged["additionalProperties"] = value;
        if (right["patternProperties"] is { } patterns)
            merged["patternProperties"] = patterns;
    }

    private static void MergeItems(Schema left, Schema right, Dictionary<string, JsonElement> merged, Action<string>? lost)
    {
        if (!ArrayKeywords.Any(keyword => left[keyword] is not null))
        {
            foreach (string keyword in ArrayKeywords)
            {
                if (right[keyword] is { } value)
                    merged[keyword] = value;
            }
        }
        else if (left["items"] is { } items && right["items"] is { } others && left["prefixItems"] is null && right["prefixItems"] is null
            && IsSchema(items) && IsSchema(others))
        {
            merged["items"] = AllOf(items, others);
        }
        else if (ArrayKeywords.FirstOrDefault(keyword => right[keyword] is not null) is { } keyword)
        {
            lost?.Invoke(keyword);
        }
    }

    private static JsonElement? Additional(Schema schema) => schema["patternProperties"] is null ? schema["additionalProperties"] : null;

    private static JsonElement AllOf(JsonElement left, JsonElement right) => (left.ValueKind, right.ValueKind) switch
    {
        (JsonValueKind.False, _) or (_, JsonValueKind.False) => False,
        (JsonValueKind.True, _) => right,
        (_, JsonValueKind.True) => left,
        _ when JsonElement.DeepEquals(left, right) => left,
        _ => Parse($"{{\"allOf\":[{left.GetRawText()},{right.GetRawText()}]}}"),
    };

    private static JsonTypes Intersect(JsonTypes left, JsonTypes right)
    {
        JsonTypes both = left & right;
        bool integers = (left | right).HasFlag(JsonTypes.Integer) && HasNumbers(left) && HasNumbers(right);
        return integers && !both.HasFlag(JsonTypes.Number) ? both | JsonTypes.Integer : both;
    }

    private static bool HasNumbers(JsonTypes types) => (types & (JsonTypes.Number | JsonTypes.Integer)) != JsonTypes.None;

    private static JsonElement TypeNames(JsonTypes types) => Parse([.. Enum.GetValues<JsonTypes>()
        .Where(type => type is not (JsonTypes.None or JsonTypes.Any) && types.HasFlag(type))
        .Select(static type => $"\"{type.ToString().ToLowerInvariant()}\"")]);

    private static bool IsSchema(JsonElement element) =>
        element.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;

    private static JsonElement[] Elements(JsonElement array) => array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : [];

    private static JsonProperty[] Members(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Object } members ? [.. members.EnumerateObject()] : [];

    private static JsonElement Parse(string[] rawTexts) => Parse($"[{string.Join(',', rawTexts)}]");

    private static JsonElement Parse(OrderedDictionary<string, JsonElement> members)
    {
        IEnumerable<string> texts = members.Select(
            static member => $"\"{JsonEncodedText.Encode(member.Key)}\":{member.Value.GetRawText()}");
        return Parse($"{{{string.Join(',', texts)}}}");
    }

    // Schemas that refer to each other may grow with every merge.
    private static JsonElement Parse(string json)
    {
        if (json.Length > MostCharacters)
            throw new ArgumentException($"The JSON schema's parts make a schema of more than {MostCharacters} characters together.");
        try
        {
            return JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 2 * SchemaReader.Deepest });
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The JSON schema's parts are nested more than {2 * SchemaReader.Deepest} deep together.", e);
        }
    }
}
