namespace KvNorm.Grammars;

/// <summary>The formats of strings that a grammar can say.</summary>
internal static class StringFormats
{
    /// <summary>What stands between the quotes; null for a format that is not known here, which allows any text.</summary>
    public static string? Content(GrammarBuilder builder, string format) => format switch
    {
        "date" => Date(builder),
        "time" => $"{Time(builder)} {Offset(builder)}?",
        "date-time" => DateTime(builder),
        "duration" => Duration(builder),
        "uuid" or "guid" => Uuid(builder),
        "ipv4" => InternetFormats.IPv4(builder),
        "ipv6" => InternetFormats.IPv6(builder),
        "hostname" => InternetFormats.HostName(builder),
        "email" => InternetFormats.Email(builder),
        "uri" or "url" => InternetFormats.Uri(builder),
        "byte" or "base64" => Base64(builder),
        _ => null,
    };

    /// <summary>Whether the format of a schema says nothing about the text.</summary>
    public static bool IsFree(Schema schema) => schema.Text("format") is { } format && IsFree(format);

    /// <summary>Whether a format says nothing about the text, or something about numbers.</summary>
    public static bool IsFree(string format) => format is "password" or "binary" or "float" or "double" or "decimal" or "textarea" or "text"
        or "string" || NumberFormats.Bounds(format) is not null;

    // RFC 3339, the 29th of February only in leap years, and no year 0000, which few calendars of programming languages have.
    private static string Date(GrammarBuilder builder) => builder.Shared("date", () => Date(builder, builder.Shared(
        "year", static () => "[0-9]{3} [1-9] | [0-9]{2} [1-9] \"0\" | [0-9] [1-9] \"00\" | [1-9] \"000\"")));

    private static string Date(GrammarBuilder builder, string year)
    {
        string fours = builder.Shared("leap", static () => "\"0\" [48] | [2468] [048] | [13579] [26]");
        string leapYear = builder.Shared("leap-year", () => $"[0-9]{{2}} {fours} | {fours} \"00\"");
        string day28 = "(\"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8])";
        string day29Up = "(\"29\" | \"30\")";
        return $"{year} \"-\" ((\"0\" [1-9] | \"1\" [0-2]) \"-\" {day28} | (\"0\" [13-9] | \"1\" [0-2]) \"-\" {day29Up} | (\"0\" [13578] | "
            + $"\"1\" [02]) \"-31\") | {leapYear} \"-02-29\"";
    }

    private static string Time(GrammarBuilder builder) => builder.Shared("time", static () =>
        "([01] [0-9] | \"2\" [0-3]) \":\" [0-5] [0-9] \":\" [0-5] [0-9] (\".\" [0-9]{1,7})?");

    // In the first and the last year an offset may lead out of what programming languages count.
    private static string DateTime(GrammarBuilder builder)
    {
        string years = builder.Shared("inner-year", static () =>
            "\"000\" [2-9] | \"00\" [1-9] [0-9] | \"0\" [1-9] [0-9]{2} | [1-8] [0-9]{3} "
            + "| \"9\" ([0-8] [0-9]{2} | \"9\" ([0-8] [0-9] | \"9\" [0-8]))");
        string inner = builder.Shared("inner-date", () => Date(builder, years));
        return builder.Shared("date-time", () =>
            $"{Date(builder)} \"T\" {Time(builder)} (\"Z\" | [-+] \"00:00\") | {inner} \"T\" {Time(builder)} {Offset(builder)}");
    }

    // RFC 3339 wants it of a time too, but times of day in programs (TimeOnly, LocalTime) have none. No place on earth is more than 14
    // hours away.
    private static string Offset(GrammarBuilder builder) => builder.Shared("offset", static () =>
        "\"Z\" | [-+] ((\"0\" [0-9] | \"1\" [0-3]) \":\" [0-5] [0-9] | \"14:00\")");

    private static string Uuid(GrammarBuilder builder)
    {
        string hex = builder.Shared("hex", static () => "[0-9a-fA-F]");
        return builder.Shared("uuid", () => $"{hex}{{8}} \"-\" {hex}{{4}} \"-\" {hex}{{4}} \"-\" {hex}{{4}} \"-\" {hex}{{12}}");
    }

    private static string Duration(GrammarBuilder builder)
    {
        string number = builder.Shared("duration-number", static () => "\"0\" | [1-9] [0-9]{0,5}");
        string days = builder.Shared("duration-days", () =>
            $"{number} \"Y\" ({number} \"M\")? ({number} \"D\")? | {number} \"M\" ({number} \"D\")? | {number} \"D\"");
        string time = builder.Shared("duration-time", () =>
            $"\"T\" ({number} \"H\" ({number} \"M\")? ({number} \"S\")? | {number} \"M\" ({number} \"S\")? | {number} \"S\")");
        return builder.Shared("duration", () => $"\"P\" ({days} {time}? | {time} | {number} \"W\")");
    }

    // The bits behind the last byte are zero, which strict readers want.
    private static string Base64(GrammarBuilder builder)
    {
        const string Letter = "[A-Za-z0-9+/]";
        return builder.Shared("base64", static () =>
            $"({Letter}{{4}})* ({Letter} [AQgw] \"==\" | {Letter} {Letter} [AEIMQUYcgkosw048] \"=\")?");
    }
}
