namespace KvNorm.Grammars;

/// <summary>
/// Strings: by their pattern, else by their format, else by their length. A pattern is bounded by the length where one loop makes its
/// length; what is not said of a string beside another constraint is told.
/// </summary>
internal static class StringRules
{
    private const int ShortestOfFormats = 1; // every format that is known has a character

    public static string Body(GrammarBuilder builder, Schema schema)
    {
        (int least, int? most) = Length(schema);
        string? content = Pattern(builder, schema)?.Text ?? Format(builder, schema);
        if (content is null && least == 0 && most is null)
            return JsonRules.String(builder);
        return $"\"\\\"\" {content ?? builder.Repeat(JsonRules.Character(builder), least, most)} \"\\\"\"";
    }

    /// <summary>The keywords of a string that its grammar does not hold.</summary>
    /// <param name="scratch">Takes rules that nobody reads.</param>
    /// <param name="schema">The schema.</param>
    public static IEnumerable<string> Unsaid(GrammarBuilder scratch, Schema schema)
    {
        PatternContent? pattern = Pattern(scratch, schema);
        bool hasFormat = !schema.Types.HasFlag(JsonTypes.String) || schema.Text("format") is not { } format || StringFormats.IsFree(format);
        string? content = hasFormat ? null : Format(scratch, schema);
        if (schema.Text("pattern") is not null && pattern is null)
            yield return "pattern";
        if (schema.Text("format") is null && schema.Text("contentEncoding") is not null && Format(scratch, schema) is null)
            yield return "contentEncoding";
        if (!hasFormat && (content is null || pattern is not null))
            yield return "format";
        (int least, int? most) = Length(schema);
        if (!(pattern?.HoldsLeast ?? (content is null || least <= ShortestOfFormats)))
            yield return "minLength";
        if (!(pattern?.HoldsMost ?? (content is null || most is null)))
            yield return "maxLength";
    }

    private static PatternContent? Pattern(GrammarBuilder builder, Schema schema)
    {
        (int least, int? most) = Length(schema);
        return schema.Text("pattern") is { } pattern ? PatternParser.Content(builder, KnownPatterns.Meant(pattern), least, most) : null;
    }

    private static string? Format(GrammarBuilder builder, Schema schema) =>
        (schema.Text("format") ?? schema.Text("contentEncoding")) is { } format ? StringFormats.Content(builder, format) : null;

    private static (int Least, int? Most) Length(Schema schema)
    {
        (int least, int? most) = (schema.Count("minLength") ?? 0, schema.Count("maxLength"));
        return !(least > most)
            ? (least, most)
            : throw SchemaError.At(schema.Pointer, $"wants at least {least} characters and allows at most {most}.");
    }
}
