namespace KvNorm.Grammars;

/// <summary>Strings: by their format, their pattern, or their length. One of these at a time; the others then allow more.</summary>
internal static class StringRules
{
    public static string Body(GrammarBuilder builder, Schema schema)
    {
        int least = schema.Count("minLength") ?? 0;
        int? most = schema.Count("maxLength");
        if (least > most)
            throw SchemaError.At(schema.Pointer, $"wants at least {least} characters and allows at most {most}.");
        string? format = schema.Text("format"), pattern = schema.Text("pattern");
        string? content = format is null ? null : StringFormats.Content(builder, format);
        content ??= pattern is null ? null : PatternParser.Content(builder, pattern);
        if (content is null && least == 0 && most is null)
            return JsonRules.String(builder);
        return $"\"\\\"\" {content ?? builder.Repeat(JsonRules.Character(builder), least, most)} \"\\\"\"";
    }
}
