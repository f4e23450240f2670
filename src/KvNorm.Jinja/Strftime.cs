using System.Globalization;

namespace KvNorm.Jinja;

/// <summary>Dates by the codes of strftime, in English.</summary>
internal static class Strftime
{
    public static JinjaString Format(JinjaRun run, DateTimeOffset date, JinjaString format)
    {
        JinjaStringBuilder result = new(run);
        int start = 0;
        for (int at; (at = format.Text.IndexOf('%', start)) >= 0 && at + 1 < format.Length;)
        {
            result.Append(format, start, at++);
            bool unpadded = format.Text[at] == '-' && at + 1 < format.Length;
            at += unpadded ? 1 : 0;
            char code = format.Text[at];
            string part = Part(date, code) ?? throw run.Fail($"the code '%{code}' of strftime_now is not supported");
            part = unpadded && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : part;
            // What stands for a code is whose the code is.
            result.Append(format.Slice(run, at, at + 1).Mapped(part));
            start = at + 1;
        }

        result.Append(format, start, format.Length);
        return result.ToJinjaString();
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
