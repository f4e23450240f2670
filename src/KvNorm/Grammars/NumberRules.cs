using System.Globalization;

namespace KvNorm.Grammars;

/// <summary>Numbers, within bounds where there are some.</summary>
internal static class NumberRules
{
    /// <summary>A whole number without a sign.</summary>
    public const string AnyInteger = "(\"0\" | [1-9] [0-9]{0,18})";

    /// <summary>The digits behind a decimal point.</summary>
    public const string AnyFraction = "[0-9]{1,16}";

    private static readonly decimal Largest = (decimal)IntegerRange.Largest;

    public static string Integer(GrammarBuilder builder, Schema schema)
    {
        (decimal? least, bool above, decimal? most, bool below) = Bounds(schema);
        least = above ? decimal.Floor(least!.Value) + 1 : least is { } lower ? decimal.Ceiling(lower) : null;
        most = below ? decimal.Ceiling(most!.Value) - 1 : most is { } upper ? decimal.Floor(upper) : null;
        if (least > most)
            throw SchemaError.At(schema.Pointer, "allows no whole number between its bounds.");
        if (least is null && most is null)
            return JsonRules.Integer(builder);
        List<string> ways = [];
        if (least is null or < 0)
            ways.Add($"\"-\" {IntegerRange.NonNegative((Int128)Math.Max(1, -(most ?? 0)), (Int128)(-(least ?? -Largest)))}");
        if (most is null or >= 0)
            ways.Add(IntegerRange.NonNegative((Int128)Math.Max(0, least ?? 0), (Int128)(most ?? Largest)));
        return Gbnf.OneOf(ways);
    }

    public static string Number(GrammarBuilder builder, Schema schema)
    {
        (decimal? least, bool above, decimal? most, bool below) = Bounds(schema);
        if (least > most || (least == most && (above || below) && least is not null))
            throw SchemaError.At(schema.Pointer, "allows no number between its bounds.");
        if (least is null && most is null)
            return JsonRules.Number(builder);
        List<string> ways = [];
        if (least is null or < 0)
            ways.AddRange(NonNegative(Math.Max(0, -(most ?? 0)), most <= 0 && below, -least, above).Select(static way => $"\"-\" {way}"));
        if (most is null or > 0 || (most == 0 && !below))
            ways.AddRange(NonNegative(Math.Max(0, least ?? 0), least >= 0 && above, most, below));
        return ways.Count > 0
            ? Gbnf.OneOf(ways)
            : throw SchemaError.At(schema.Pointer, "allows no number between its bounds that can be written with 16 decimals.");
    }

    // Numbers without a sign. With an exponent only those that are certain to be within the bounds.
    private static List<string> NonNegative(decimal least, bool above, decimal? most, bool below)
    {
        decimal first = decimal.Floor(least), last = decimal.Floor(most ?? Largest);
        List<string> ways = [];
        string? start = new FractionRange(Decimals(least), above, first == last && most is not null ? Decimals(most.Value) : null, below)
            .Body();
        if (start is not null)
            ways.Add($"\"{Text(first)}\" {start}".TrimEnd());
        decimal between = most is null ? last : last - 1;
        if (first + 1 <= between)
            ways.Add($"{IntegerRange.NonNegative((Int128)first + 1, (Int128)between)} (\".\" {AnyFraction})?");
        if (most is not null && last > first && new FractionRange(null, false, Decimals(most.Value), below).Body() is { } end)
            ways.Add($"\"{Text(last)}\" {end}".TrimEnd());
        if (least == 0 && (most is null or >= 1))
            ways.Add($"[1-9] (\".\" {AnyFraction})? [eE] \"-\" [0-9]? [1-9]");
        if (least <= 1 && !(least == 1 && above) && most is null)
            ways.Add($"[1-9] (\".\" {AnyFraction})? [eE] \"+\"? [0-9]{{1,2}}");
        return ways;
    }

    private static string Decimals(decimal number)
    {
        string text = Text(number);
        int point = text.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? "" : text[(point + 1)..].TrimEnd('0');
    }

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    // Bounds beyond what is written here are no bounds.
    private static (decimal? Least, bool Above, decimal? Most, bool Below) Bounds(Schema schema)
    {
        (decimal? least, bool above) = (schema.Bound("minimum"), false);
        if (schema.Bound("exclusiveMinimum") is { } over && !(least > over))
            (least, above) = (over, true);
        (decimal? most, bool below) = (schema.Bound("maximum"), false);
        if (schema.Bound("exclusiveMaximum") is { } under && !(most < under))
            (most, below) = (under, true);
        if (NumberFormats.Bounds(schema.Text("format")) is (decimal first, decimal last))
            (least, above, most, below) =
                (Math.Max(least ?? first, first), above && least >= first, Math.Min(most ?? last, last), below && most <= last);
        if (least is { } lower && Math.Abs(lower) > Largest - 1)
            least = null;
        if (most is { } upper && Math.Abs(upper) > Largest - 1)
            most = null;
        return (least, above && least is not null, most, below && most is not null);
    }
}
