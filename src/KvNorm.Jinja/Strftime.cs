using System.Globalization;
using System.Text;

namespace KvNorm.Jinja;

/// <summary>Dates by the codes of strftime, in English.</summary>
internal static class Strftime
{
    public static string Format(JinjaRun run, DateTimeOffset date, string format)
    {
        run.ChargeText(format.Length, format.Length);
        StringBuilder text = new();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            bool unpadded = format[++i] == '-' && i + 1 < format.Length;
            char code = unpadded ? format[++i] : format[i];
            string part = Part(date, code) ?? throw run.Fail($"the code '%{code}' of strftime_now is not supported");
            text.Append(unpadded && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : part);
        }

        return text.ToString();
    }

    private static string? Part(DateTimeOffset date, char code)
    {
        string? format = code switch
        {
            'Y' => "yyyy",
            'y' => "yy",
            'm' => "MM",
            'd' => "dd",
            'B' => "MMMM",
            'b' or 'h' => "MMM",
            'A' => "dddd",
            'a' => "ddd",
            'H' => "HH",
            'I' => "hh",
            'M' => "mm",
            'S' => "ss",
            'f' => "ffffff",
            'p' => "tt",
            'F' => "yyyy-MM-dd",
            'T' => "HH:mm:ss",
            'D' => "MM'/'dd'/'yy",
            _ => null,
        };
        return code switch
        {
            '%' => "%",
            'e' => date.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'j' => date.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'z' => date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal),
            _ => format is null ? null : date.ToString(format, CultureInfo.InvariantCulture),
        };
    }
}
