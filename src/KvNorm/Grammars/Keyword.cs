namespace KvNorm.Grammars;

/// <summary>A keyword of JSON Schema or OpenAPI, and how far grammars hold it.</summary>
/// <param name="Name">The keyword.</param>
/// <param name="Support">How far it is held.</param>
/// <param name="Note">Where and how; empty where there is nothing to say.</param>
internal sealed record Keyword(string Name, KeywordSupport Support, string Note = "")
{
    /// <summary>Gets every keyword that is known, in the order of the specification.</summary>
    public static IReadOnlyList<Keyword> All { get; } =
    [
        new("type", KeywordSupport.Held, "also names of programming languages, such as int; without it what the other keywords are about"),
        new("nullable", KeywordSupport.Held, "OpenAPI; beside a type, a reference or a combination"),
        new("enum", KeywordSupport.Held, "less what a type, a bound, a length or required beside it excludes"),
        new("const", KeywordSupport.Held, "as enum"),
        new("properties", KeywordSupport.Held, "in their order"),
        new("required", KeywordSupport.Held, "draft 3's boolean is left open"),
        new("additionalProperties", KeywordSupport.Held, "where it is not said, tools and answers have no others"),
        new("patternProperties", KeywordSupport.Open, "others than those declared then have any name and any value"),
        new("propertyNames", KeywordSupport.InPart, "of objects that declare no properties"),
        new("minProperties", KeywordSupport.Open),
        new("maxProperties", KeywordSupport.Open),
        new("dependentRequired", KeywordSupport.Open),
        new("dependentSchemas", KeywordSupport.Open),
        new("dependencies", KeywordSupport.Open),
        new("unevaluatedProperties", KeywordSupport.Open, "false is what is held where additionalProperties is not said"),
        new("items", KeywordSupport.Held, "one schema or, as until draft 2019-09, a list"),
        new("prefixItems", KeywordSupport.Held),
        new("additionalItems", KeywordSupport.Held),
        new("minItems", KeywordSupport.InPart, "up to 1999, and 40000 repetitions of a grammar together"),
        new("maxItems", KeywordSupport.InPart, "up to 1999, and 40000 repetitions of a grammar together"),
        new("uniqueItems", KeywordSupport.Open),
        new("contains", KeywordSupport.Open),
        new("minContains", KeywordSupport.Open),
        new("maxContains", KeywordSupport.Open),
        new("unevaluatedItems", KeywordSupport.Open),
        new("minLength", KeywordSupport.InPart, "as maxLength"),
        new("maxLength", KeywordSupport.InPart, "up to 1999; beside a pattern where one loop makes its length; not beside a format"),
        new("pattern", KeywordSupport.InPart, "without look-around, back references, word borders and Unicode categories"),
        new(
            "format",
            KeywordSupport.InPart,
            "date, time, date-time, duration, uuid, ipv4, ipv6, hostname, email, uri, base64, int8 to uint64; a pattern goes first"),
        new("contentEncoding", KeywordSupport.InPart, "base64"),
        new("minimum", KeywordSupport.InPart, "up to 19 digits; draft 4's exclusive bounds too"),
        new("maximum", KeywordSupport.InPart, "as minimum"),
        new("exclusiveMinimum", KeywordSupport.InPart, "as minimum"),
        new("exclusiveMaximum", KeywordSupport.InPart, "as minimum"),
        new("multipleOf", KeywordSupport.Open, "1 of an integer is held"),
        new("allOf", KeywordSupport.InPart, "merged; of two patterns or formats the first"),
        new("anyOf", KeywordSupport.Held),
        new("oneOf", KeywordSupport.InPart, "as anyOf: what satisfies two of its schemas is let through"),
        new("not", KeywordSupport.Open),
        new("if", KeywordSupport.Open, "with then and else"),
        new("$ref", KeywordSupport.InPart, "pointers into the same schema"),
        new("$dynamicRef", KeywordSupport.Open),
        new("$recursiveRef", KeywordSupport.Open),
        .. new[]
        {
            "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$comment", "$defs", "definitions",
            "title",
            "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentSchema",
            "discriminator", "then", "else",
        }.Select(static name => new Keyword(name, KeywordSupport.Annotation)),
    ];
}
