using System.Globalization;

namespace KvNorm.Jinja;

/// <summary>How values are printed: as @huggingface/jinja prints them, where Python's Jinja would write True, 'a' and None.</summary>
internal static class ValueText
{
    /// <summary>
    /// The text of a value. Numbers and booleans count as the template's, since they cannot spell a control token; lists and mappings are
    /// data.
    /// </summary>
    public static JinjaString Of(JinjaRun run, object? value) => value switch
    {
        JinjaString text => text,
        null => JinjaString.Template("None"),
        Undefined => JinjaString.Empty,
        bool flag => JinjaString.Template(flag ? "true" : "false"),
        long number => JinjaString.Template(number.ToString(CultureInfo.InvariantCulture)),
        double number => JinjaString.Template(OfDouble(number)),
        LargeInteger number => JinjaString.Template(number.Digits),
        JinjaList or JinjaDict or JinjaNamespace => new JsonText(run, JsonFormat.Plain with { Undefined = "undefined" }).Of(value),
        _ => throw run.Fail($"{TypeNames.Of(value)} cannot be printed"),
    };

    public static void Print(JinjaRun run, JinjaStringBuilder output, object? value)
    {
        if (value is not (null or Undefined))
            output.Append(Of(run, value));
    }

    /// <summary>A float as Python writes it: the shortest digits that give it again, and always a fraction or an exponent.</summary>
    public static string OfDouble(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        if (number == 0)
            return double.IsNegative(number) ? "-0.0" : "0.0";
        if (number == Math.Floor(number) && Math.Abs(number) < 1e16)
            return number.ToString("F1", CultureInfo.InvariantCulture);
        string text = number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.AsSpan().ContainsAny('.', 'e') ? text : WithExponent(text);
    }

    /// <summary>A whole number with many digits, which .NET may write without an exponent where Python writes one.</summary>
    private static string WithExponent(string text)
    {
        string sign = text[0] == '-' ? "-" : "", digits = text[sign.Length..], fraction = digits[1..].TrimEnd('0');
        string point = fraction.Length > 0 ? "." : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{point}{fraction}e+{digits.Length - 1}");
    }
}
