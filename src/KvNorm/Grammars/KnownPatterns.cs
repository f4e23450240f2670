namespace KvNorm.Grammars;

/// <summary>
/// Patterns that generators of schemas write and that do not say what they mean: some let more through than their own reader takes, some
/// look ahead.
/// </summary>
internal static class KnownPatterns
{
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        // System.Text.Json of TimeSpan, which reads no hour 24.
        [@"^-?(\d+\.)?\d{2}:\d{2}:\d{2}(\.\d{1,7})?$"] =
            @"^-?(\d{1,7}\.)?([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,7})?$",
        // System.Text.Json of Version, whose parts are of 32 bits.
        [@"^\d+(\.\d+){1,3}$"] = @"^\d{1,9}(\.\d{1,9}){1,3}$",
        // zod 4 of an e-mail address: no dot first, no two in a row.
        [@"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"] =
            @"^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$",
    };

    /// <summary>The pattern that is meant.</summary>
    public static string Meant(string pattern) => Known.GetValueOrDefault(pattern, pattern);
}
