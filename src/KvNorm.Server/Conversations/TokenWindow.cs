using System.Globalization;
using KvNorm.Server.Api;

namespace KvNorm.Server.Conversations;

/// <summary>
/// The tokens of a conversation that a request wants to see: one without end must not be sent whole every second.
/// </summary>
/// <param name="From">The first of them.</param>
/// <param name="To">The index after the last one.</param>
internal readonly record struct TokenWindow(int From, int To)
{
    /// <summary>What the query's "from" and "count" ask for; without "from" the last ones, without "count" all.</summary>
    /// <exception cref="ApiException">One of them is no number, or below 0.</exception>
    public static TokenWindow Of(IQueryCollection query, int total)
    {
        int count = Math.Min(Read(query, "count") ?? total, total);
        int from = Math.Min(Read(query, "from") ?? total - count, total);
        return new TokenWindow(from, from + Math.Min(count, total - from));
    }

    private static int? Read(IQueryCollection query, string name)
    {
        if (query[name] is not [{ Length: > 0 } text])
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw ApiException.Invalid(name, "must be a whole number, 0 or more.");
    }
}
