using System.Globalization;

namespace KvNorm.Jinja;

/// <summary>Texts with places for values: '%s' % x, the filter format, and '{}'.format(x).</summary>
internal static class TextFormats
{
    /// <summary>Widths beyond this are refused rather than filled.</summary>
    private const int MaxWidth = 10_000;

    /// <summary>Fills %s, %d, %i, %f, %x and %%, with flags, width and precision.</summary>
    public static JinjaString Percent(JinjaRun run, JinjaString format, IReadOnlyList<object?> values)
    {
        JinjaStringBuilder result = new(run);
        int used = 0, start = 0;
        for (int at; (at = format.Text.IndexOf('%', start)) >= 0;)
        {
            result.Append(format, start, at);
            int end = at + 1;
            while (end < format.Length && (char.IsAsciiDigit(format.Text[end]) || format.Text[end] is '-' or '.' or '+'))
                end++;
            if (end == format.Length)
                throw run.Fail("a format ends in '%'");
            char type = format.Text[end];
            if (type == '%')
                result.Append(format, end, end + 1);
            else if (used < values.Count)
                result.Append(Formatted(run, values[used++], PercentSpec(format.Slice(run, at + 1, end), type)));
            else
                throw run.Fail("a format has more places than values");
            start = end + 1;
        }

        result.Append(format, start, format.Length);
        return result.ToJinjaString();
    }

    /// <summary>Fills {}, {0}, {name} and {:spec}.</summary>
    public static JinjaString Braces(JinjaRun run, JinjaString format, Arguments arguments)
    {
        JinjaStringBuilder result = new(run);
        int next = 0, start = 0;
        for (int at; (at = format.Text.AsSpan(start).IndexOfAny('{', '}')) >= 0;)
        {
            at += start;
            result.Append(format, start, at);
            bool doubled = at + 1 < format.Length && format.Text[at + 1] == format.Text[at];
            int end = doubled ? at + 1 : format.Text.IndexOf('}', at);
            if (end < 0 || !doubled && format.Text[at] == '}')
                throw run.Fail("a format has a single brace");
            if (doubled)
                result.Append(format, at, at + 1);
            else
                result.Append(Field(run, format.Slice(run, at + 1, end), arguments, ref next));
            start = end + 1;
        }

        result.Append(format, start, format.Length);
        return result.ToJinjaString();
    }

    /// <summary>Fills a text up to a width: &lt; on its right, &gt; on its left, ^ on both sides, = between a sign and the rest.</summary>
    public static JinjaString Padded(JinjaRun run, JinjaString text, int width, char align, JinjaString? fill)
    {
        int missing = width - Characters.Count(run, text);
        if (missing <= 0)
            return text;
        int sign = align == '=' && text.Text.Length > 0 && text.Text[0] is '-' or '+' ? 1 : 0;
        return Filled(run, text, sign, align switch { '<' => 0, '^' => missing / 2, _ => missing }, missing, fill);
    }

    /// <summary>Fills a text on both sides as Python's center does: in an odd width, the larger half of an odd number goes left.</summary>
    public static JinjaString Centered(JinjaRun run, JinjaString text, int width, JinjaString? fill)
    {
        int missing = width - Characters.Count(run, text);
        return missing <= 0 ? text : Filled(run, text, 0, missing / 2 + (missing & width & 1), missing, fill);
    }

    private static JinjaString Filled(JinjaRun run, JinjaString text, int sign, int left, int missing, JinjaString? fill)
    {
        JinjaStringBuilder filled = new(run);
        fill ??= JinjaString.Template(" ");
        filled.Append(text, 0, sign);
        filled.AppendRepeated(fill, left);
        filled.Append(text, sign, text.Length);
        filled.AppendRepeated(fill, missing - left);
        return filled.ToJinjaString();
    }

    private static JinjaString Field(JinjaRun run, JinjaString field, Arguments arguments, ref int next)
    {
        int colon = field.Text.IndexOf(':', StringComparison.Ordinal);
        JinjaString id = colon < 0 ? field : field.Slice(run, 0, colon);
        JinjaString spec = colon < 0 ? JinjaString.Empty : field.Slice(run, colon + 1, field.Length);
        string name = id.Text;
        if (name.Length > 0 && !char.IsAsciiDigit(name[0]))
            return Formatted(run, arguments.Named.TryGetValue(id, out object? named) ? named : throw NoValue(run, name), spec);
        int index = name.Length == 0 ? next++ : int.TryParse(name, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue;
        return Formatted(run, index < arguments.Count ? arguments.Items[index] : throw NoValue(run, name), spec);
    }

    private static JinjaException NoValue(JinjaRun run, string name) => run.Fail($"a format has no value for '{{{name}}}'");

    // '%-5d' is '{:<5d}', '%05d' is '{:05d}'; unlike there, texts stand on the right.
    private static JinjaString PercentSpec(JinjaString flags, char type)
    {
        char letter = type is 'i' or 'u' ? 'd' : type;
        string text = flags.Text;
        return flags.Mapped(text.StartsWith('-') ? "<" + text[1..] + letter
            : text.FirstOrDefault() is >= '1' and <= '9' ? ">" + text + letter
            : text + letter);
    }

    private static JinjaString Formatted(JinjaRun run, object? value, JinjaString format)
    {
        if (format.Length == 0)
            return ValueText.Of(run, value);
        string spec = format.Text;
        int first = Characters.LengthAt(spec, 0);
        // A slice of the format, which may be data.
        JinjaString? fill = first < spec.Length && spec[first] is '<' or '>' or '^' or '=' ? format.Slice(run, 0, first) : null;
        int at = fill?.Length ?? 0;
        char? align = at < spec.Length && spec[at] is '<' or '>' or '^' or '=' ? spec[at++] : null;
        bool plus = at < spec.Length && spec[at] == '+';
        at += plus ? 1 : 0;
        if (at < spec.Length && spec[at] == '0')
            (fill, align) = (JinjaString.Template("0"), align ?? '=');
        int width = Digits(spec, ref at);
        bool grouped = at < spec.Length && spec[at] == ',';
        at += grouped ? 1 : 0;
        int precision = at < spec.Length && spec[at] == '.' ? Digits(spec, ref at, skip: 1) : -1;
        string type = spec[at..];
        if (width > MaxWidth || precision > 100)
            throw run.Fail($"the format '{spec}' is too wide");
        JinjaString text = Converted(run, value, type, precision, grouped)
            ?? throw run.Fail($"the format '{spec}' is not supported for {TypeNames.Of(value)}");
        if (plus && Numbers.Is(value) && !text.Text.StartsWith('-'))
            text = JinjaString.Template("+" + text.Text);
        return Padded(run, text, width, align ?? (Numbers.Is(value) ? '>' : '<'), fill);
    }

    private static JinjaString? Converted(JinjaRun run, object? value, string type, int precision, bool grouped)
    {
        string whole = grouped ? "N0" : "D", fraction = (grouped ? "N" : "F") + (precision < 0 ? "6" : Written(precision, "D"));
        return type switch
        {
            "" or "s" or "r" when !Numbers.Is(value) => Cut(run, ValueText.Of(run, value), precision),
            "s" => ValueText.Of(run, value),
            "" when precision < 0 && !grouped => ValueText.Of(run, value),
            "" when precision < 0 && value is double number => JinjaString.Template(Grouped(ValueText.OfDouble(number))),
            "" or "d" when precision < 0 && !grouped && value is LargeInteger => ValueText.Of(run, value),
            "" or "d" when precision < 0 && Numbers.Is(value) => Number(value is double n ? (long)n : Numbers.AsLong(value), whole),
            "f" or "F" when Numbers.Is(value) => Number(Numbers.AsDouble(value), fraction),
            "%" when Numbers.Is(value) => JinjaString.Template(Written(Numbers.AsDouble(value) * 100, fraction) + "%"),
            "x" when value is long number => JinjaString.Template((number < 0 ? "-" : "") + Written(Math.Abs(number), "x")),
            _ => null,
        };
    }

    private static JinjaString Number(IFormattable number, string format) => JinjaString.Template(Written(number, format));

    private static string Written(IFormattable number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static string Grouped(string number)
    {
        int sign = number.StartsWith('-') ? 1 : 0;
        for (int at = number.IndexOf('.', StringComparison.Ordinal) - 3; at > sign; at -= 3)
            number = number.Insert(at, ",");
        return number;
    }

    private static JinjaString Cut(JinjaRun run, JinjaString text, int precision) =>
        precision < 0 || Characters.Count(run, text) <= precision ? text : text.Slice(run, 0, Characters.Offset(run, text, precision));

    private static int Digits(string spec, ref int at, int skip = 0)
    {
        at += skip;
        int start = at;
        while (at < spec.Length && char.IsAsciiDigit(spec[at]))
            at++;
        return at == start ? 0
            : int.TryParse(spec.AsSpan(start, at - start), CultureInfo.InvariantCulture, out int number) ? number
            : int.MaxValue;
    }
}
