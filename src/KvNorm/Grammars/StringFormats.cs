namespace KvNorm.Grammars;

/// <summary>The formats of strings that a grammar can say.</summary>
internal static class StringFormats
{
    /// <summary>What stands between the quotes; null for a format that is not known here, which allows any text.</summary>
    public static string? Content(GrammarBuilder builder, string format) => format switch
    {
        "date" => Date(builder),
        "time" => $"{Time(builder)} {Offset(builder)}?",
        "date-time" => $"{Date(builder)} \"T\" {Time(builder)} {Offset(builder)}",
        "uuid" => Uuid(builder),
        "ipv4" => IPv4(builder),
        _ => null,
    };

    // RFC 3339, the 29th of February only in leap years, and no year 0000, which few calendars of programming languages have.
    private static string Date(GrammarBuilder builder) => builder.Shared("date", () =>
    {
        string year = builder.Shared("year", static () => "[0-9]{3} [1-9] | [0-9]{2} [1-9] \"0\" | [0-9] [1-9] \"00\" | [1-9] \"000\"");
        string fours = builder.Shared("leap", static () => "\"0\" [48] | [2468] [048] | [13579] [26]");
        string leapYear = builder.Shared("leap-year", () => $"[0-9]{{2}} {fours} | {fours} \"00\"");
        string day28 = "(\"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8])";
        string day29Up = "(\"29\" | \"30\")";
        return $"{year} \"-\" ((\"0\" [1-9] | \"1\" [0-2]) \"-\" {day28} | (\"0\" [13-9] | \"1\" [0-2]) \"-\" {day29Up} | (\"0\" [13578] | "
            + $"\"1\" [02]) \"-31\") | {leapYear} \"-02-29\"";
    });

    private static string Time(GrammarBuilder builder) => builder.Shared("time", static () =>
        "([01] [0-9] | \"2\" [0-3]) \":\" [0-5] [0-9] \":\" [0-5] [0-9] (\".\" [0-9]{1,7})?");

    // RFC 3339 wants it of a time too, but times of day in programs (TimeOnly, LocalTime) have none. No place on earth is more than 14
    // hours away.
    private static string Offset(GrammarBuilder builder) => builder.Shared("offset", static () =>
        "\"Z\" | [-+] ((\"0\" [0-9] | \"1\" [0-3]) \":\" [0-5] [0-9] | \"14:00\")");

    private static string Uuid(GrammarBuilder builder)
    {
        string hex = builder.Shared("hex", static () => "[0-9a-fA-F]");
        return builder.Shared("uuid", () => $"{hex}{{8}} \"-\" {hex}{{4}} \"-\" {hex}{{4}} \"-\" {hex}{{4}} \"-\" {hex}{{12}}");
    }

    private static string IPv4(GrammarBuilder builder)
    {
        string part = builder.Shared("ipv4-part", static () => "\"25\" [0-5] | \"2\" [0-4] [0-9] | \"1\" [0-9] [0-9] | [1-9]? [0-9]");
        return builder.Shared("ipv4", () => $"{part} (\".\" {part}){{3}}");
    }
}
