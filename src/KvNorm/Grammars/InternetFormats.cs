namespace KvNorm.Grammars;

/// <summary>
/// Formats of names and addresses on the internet, as far as every reader takes them: ASCII, hosts by name or address, of mail by a name
/// with a dot.
/// </summary>
internal static class InternetFormats
{
    private const string Escape = "\"%\" [0-9a-fA-F]{2}";

    // RFC 1123; that 253 characters are the most of all labels together is not said.
    public static string HostName(GrammarBuilder builder)
    {
        string label = HostLabel(builder);
        return builder.Shared("host", () => $"{label} (\".\" {label})*");
    }

    // RFC 5321, without quotes.
    public static string Email(GrammarBuilder builder)
    {
        string word = builder.Shared("mail-word", static () => "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"), label = HostLabel(builder);
        return builder.Shared("email", () =>
            $"{word} (\".\" {word})* \"@\" ({label} \".\")+ [A-Za-z] [A-Za-z0-9-]{{0,61}} [A-Za-z0-9]");
    }

    // RFC 3986. Names of containers and services have underscores; a scheme of one letter would be a drive. Readers want a host behind
    // http, ftp, ws and their like, so what has none begins otherwise.
    public static string Uri(GrammarBuilder builder)
    {
        string letter = builder.Shared("uri-letter", static () => $"[A-Za-z0-9._~!$&'()*+,;=:@-] | {Escape}");
        string path = builder.Shared("uri-path", () => $"({letter} | \"/\")*");
        string query = builder.Shared("uri-query", () => $"({letter} | [/?])*");
        string user = builder.Shared("uri-user", static () => $"([A-Za-z0-9._~!$&'()*+,;=:-] | {Escape})* \"@\"");
        string label = builder.Shared("uri-label", static () => "[A-Za-z0-9] ([A-Za-z0-9_-]{0,61} [A-Za-z0-9])?");
        string port = builder.Shared("port", static () => IntegerRange.NonNegative(0, ushort.MaxValue));
        string host = builder.Shared("uri-host", () =>
            $"{user}? ({label} (\".\" {label})* \".\"? | \"[\" {IPv6(builder)} \"]\") (\":\" {port}?)?");
        string below = builder.Shared("uri-below", () => $"({letter} {path})?");
        string place = builder.Shared("uri-place", () => $"[a-zA-Z] [a-zA-Z0-9+.-]+ \"://\" {host} (\"/\" {path})? | \"file:///\" {below}");
        string hostless = builder.Shared("uri-hostless", static () =>
            "([a-eijkmo-suvx-zA-EIJKMO-SUVX-Z] [a-zA-Z0-9+.-]+ | \"tel\" | \"news\" | \"geo\") \":\"");
        string rest = builder.Shared("uri-rest", () => $"\"/\" {below} | {letter} {path}");
        return builder.Shared("uri", () =>
            $"({place} (\"?\" {query})? | {hostless} ({rest} (\"?\" {query})? | \"?\" {query})) (\"#\" {query})?");
    }

    public static string IPv4(GrammarBuilder builder)
    {
        string part = builder.Shared("ipv4-part", static () => "\"25\" [0-5] | \"2\" [0-4] [0-9] | \"1\" [0-9] [0-9] | [1-9]? [0-9]");
        return builder.Shared("ipv4", () => $"{part} (\".\" {part}){{3}}");
    }

    // RFC 4291: the last two parts may be an IPv4 address.
    public static string IPv6(GrammarBuilder builder)
    {
        string part = builder.Shared("ipv6-part", static () => "[0-9a-fA-F]{1,4}"), last = IPv4(builder);
        // "::" stands for what is missing: so many parts before it, and up to the rest behind it.
        string[] starts = [.. Enumerable.Range(0, 8).Select(before =>
            $"{(before > 0 ? $"{part} {Gbnf.Repeat($"(\":\" {part})", before - 1, before - 1)}" : "")} \"::\" ")];
        IEnumerable<string> shortened = starts.Select((start, before) =>
            start + (before < 7 ? $"({part} {Gbnf.Repeat($"(\":\" {part})", 0, 6 - before)})?" : ""));
        IEnumerable<string> mixed = starts[..6].Select((start, before) =>
            $"{start} {Gbnf.Repeat($"({part} \":\")", 0, 5 - before)} {last}");
        return builder.Shared("ipv6", () => string.Join(
            " | ", shortened.Concat(mixed).Prepend($"({part} \":\"){{6}} {last}").Prepend($"{part} (\":\" {part}){{7}}")));
    }

    private static string HostLabel(GrammarBuilder builder) =>
        builder.Shared("host-label", static () => "[A-Za-z0-9] ([A-Za-z0-9-]{0,61} [A-Za-z0-9])?");
}
