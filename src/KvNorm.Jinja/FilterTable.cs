using System.Collections.Frozen;
using System.Globalization;

namespace KvNorm.Jinja;

/// <summary>All filters by name; those of texts and single values are here, those of lists in <see cref="ListFilters"/>.</summary>
internal static class FilterTable
{
    private static readonly string[] None = [];

    public static FrozenDictionary<string, Builtin> ByName { get; } = Builtin.Table(
    [
        .. ListFilters.All,
        new("default", ["default_value", "boolean"], Default),
        new("d", ["default_value", "boolean"], Default),
        new("safe", None, (_, value, _) => value),
        new("string", None, (run, value, _) => ValueText.Of(run, value)),
        new("tojson", ["indent", "ensure_ascii", "separators", "sort_keys"], ToJson),
        new("length", None, (run, value, _) => Length(run, value)),
        new("count", None, (run, value, _) => Length(run, value)),
        new("int", ["default", "base"], ToInteger),
        new("float", ["default"], (run, value, args) => FloatOf(run, value) ?? args.Get(0, 0.0)),
        new("abs", None, (run, value, _) => Absolute(run, value)),
        new("round", ["precision", "method"], (run, value, args) => Round(run, value, args)),
        Text("trim", ["chars"], (run, text, args) => TextParts.Strip(run, text, args.OptionalText(0), left: true, right: true)),
        Text("upper", None, (run, text, _) => StringMethods.Upper(run, text)),
        Text("lower", None, (run, text, _) => StringMethods.Lower(run, text)),
        Text("capitalize", None, (run, text, _) => StringMethods.Capitalize(run, text)),
        Text("title", None, (run, text, _) => TextParts.Title(run, text, c => !EndsWord(c))),
        Text("replace", ["old", "new", "count"], (run, text, args) =>
            TextParts.Replace(run, text, args.Text(0), args.Text(1), args.Integer(2, -1))),
        Text("split", ["sep", "maxsplit"], (run, text, args) =>
            TextParts.Split(run, text, args.OptionalText(0), args.Integer(1, -1), fromRight: false)),
        Text("indent", ["width", "first", "blank"], Indent),
        Text("center", ["width"], (run, text, args) => TextFormats.Centered(run, text, args.Integer(0, 80), null)),
        Text("format", null, (run, text, args) => TextFormats.Percent(run, text, args.Items)),
        Text("escape", None, Escape),
        Text("e", None, Escape),
        Text("wordcount", None, (run, text, _) => (long)TextParts.Split(run, text, null, -1, fromRight: false).Items.Count),
    ]);

    public static object? Length(JinjaRun run, object? value) => value switch
    {
        JinjaString text => (long)Characters.Count(run, text),
        JinjaList list => (long)list.Items.Count,
        JinjaDict dict => (long)dict.Items.Count,
        Undefined => 0L,
        _ => throw run.Fail($"{TypeNames.Of(value)} has no length"),
    };

    /// <summary>A filter of texts: numbers are written out, what is undefined is empty.</summary>
    private static Builtin Text(string id, string[]? parameters, Func<JinjaRun, JinjaString, Arguments, object?> body) =>
        new(id, parameters, (run, value, arguments) => value is null or JinjaList or JinjaDict
            ? throw run.Fail($"the filter '{id}' does not take {TypeNames.Of(value)}")
            : body(run, ValueText.Of(run, value), arguments));

    private static object? Default(JinjaRun run, object? value, Arguments arguments) =>
        value is Undefined || arguments.Flag(1, false) && !Truth.Of(value) ? arguments.Get(0, JinjaString.Empty) : value;

    private static JinjaString ToJson(JinjaRun run, object? value, Arguments arguments)
    {
        int indent = Math.Max(0, arguments.Integer(0, 0));
        JsonFormat format = arguments.Get(2, null) switch
        {
            null => indent > 0 ? JsonFormat.Plain with { ItemSeparator = "," } : JsonFormat.Plain,
            JinjaList { Items: [JinjaString item, JinjaString key] } => new JsonFormat(0, item.Text, key.Text),
            _ => throw run.Fail("'tojson' needs two texts as separators"),
        };
        format = format with { Indent = indent, EnsureAscii = arguments.Flag(1, false), SortKeys = arguments.Flag(3, false) };
        return new JsonText(run, format).Of(value);
    }

    private static object Absolute(JinjaRun run, object? value) => value switch
    {
        double number => (object)Math.Abs(number),
        long number => Math.Abs(number),
        _ => throw run.Fail($"'abs' does not take {TypeNames.Of(value)}"),
    };

    private static object? ToInteger(JinjaRun run, object? value, Arguments arguments)
    {
        double? inexact = FloatOf(run, value);
        return value switch
        {
            long or bool => Numbers.AsLong(value),
            JinjaString text when long.TryParse(text.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) => number,
            _ when inexact is { } number && double.IsFinite(number) => (long)Math.Truncate(number),
            _ => arguments.Get(0, 0L),
        };
    }

    private static double? FloatOf(JinjaRun run, object? value)
    {
        if (value is not JinjaString text)
            return Numbers.Is(value) ? Numbers.AsDouble(value) : null;
        run.ChargeLook(text.Length);
        return double.TryParse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }

    private static object Round(JinjaRun run, object? value, Arguments arguments)
    {
        if (!Numbers.Is(value))
            throw run.Fail($"'round' does not take {TypeNames.Of(value)}");
        int precision = Math.Clamp(arguments.Integer(0, 0), -15, 15);
        double scale = Math.Pow(10, precision), scaled = Numbers.AsDouble(value) * scale;
        return arguments.OptionalText(1)?.Text switch
        {
            null or "common" when value is not double => precision < 0 ? (long)(Math.Round(scaled) / scale) : (object)Numbers.AsLong(value),
            null or "common" => Math.Round(scaled, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(scaled) / scale,
            "floor" => Math.Floor(scaled) / scale,
            var method => throw run.Fail($"'round' has no method '{method}'"),
        };
    }

    private static JinjaString Indent(JinjaRun run, JinjaString text, Arguments arguments)
    {
        JinjaString width = arguments.Get(0, 4L) as JinjaString
            ?? TextFormats.Padded(run, JinjaString.Empty, arguments.Integer(0, 4), '<', null);
        (bool first, bool blank) = (arguments.Flag(1, false), arguments.Flag(2, false));
        JinjaStringBuilder indented = new(run);
        for (int start = 0, end; start <= text.Length; start = end + 1)
        {
            end = text.Text.IndexOf('\n', start) is >= 0 and var newline ? newline : text.Length;
            if ((start > 0 || first) && (end > start || blank))
                indented.Append(width);
            indented.Append(text, start, Math.Min(end + 1, text.Length));
        }

        return indented.ToJinjaString();
    }

    private static JinjaString Escape(JinjaRun run, JinjaString text, Arguments arguments)
    {
        JinjaStringBuilder escaped = new(run);
        for (int i = 0; i < text.Length; i++)
        {
            if (Entity(text.Text[i]) is { } entity)
                escaped.Append(text.Slice(run, i, i + 1).Mapped(entity));
            else
                escaped.Append(text, i, i + 1);
        }

        return escaped.ToJinjaString();
    }

    // The filter title and the method title differ: of 'a_b' they make 'A_b' and 'A_B'.
    private static bool EndsWord(char c) => char.IsWhiteSpace(c) || c is '-' or '(' or '{' or '[' or '<';

    private static string? Entity(char c) => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '\'' => "&#39;",
        '"' => "&#34;",
        _ => null,
    };
}
