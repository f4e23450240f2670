namespace KvNorm.Grammars;

/// <summary>Formats of names on the internet, as far as every reader takes them: ASCII, hosts by name or address.</summary>
internal static class InternetFormats
{
    private const string Unreserved = "A-Za-z0-9._~!$'*+,;=:@-";

    public static string HostName(GrammarBuilder builder)
    {
        string label = builder.Shared("host-label", static () => "[A-Za-z0-9] ([A-Za-z0-9-]{0,30} [A-Za-z0-9])?");
        return builder.Shared("host", () => $"{label} (\".\" {label}){{0,7}}");
    }

    public static string Email(GrammarBuilder builder)
    {
        string label = builder.Shared("mail-label", static () => "[A-Za-z0-9] ([A-Za-z0-9-]{0,30} [A-Za-z0-9])?");
        return builder.Shared("email", () =>
            $"[A-Za-z0-9_+-]{{1,32}} (\".\" [A-Za-z0-9_+-]{{1,32}}){{0,3}} \"@\" ({label} \".\"){{1,6}} [A-Za-z]{{2,12}}");
    }

    public static string Uri(GrammarBuilder builder)
    {
        string letter = builder.Shared("uri-letter", static () => $"[{Unreserved}] | \"%\" [0-9a-fA-F]{{2}}");
        string tail = builder.Shared("uri-tail", () => $"(\"?\" ({letter} | [/?])*)? (\"#\" ({letter} | [/?])*)?");
        string host = HostName(builder), mail = Email(builder);
        return builder.Shared("uri", () =>
            $"[a-zA-Z] [a-zA-Z0-9+.-]{{1,20}} \"://\" {host} (\":\" [1-9] [0-9]{{0,3}})? (\"/\" {letter}*)* {tail} "
            + $"| \"file://\" (\"/\" {letter}+)+ "
            + $"| \"mailto:\" {mail} | (\"tel:\" | \"urn:\" | \"data:\") {letter} ({letter} | \"/\")* {tail}");
    }
}
