using System.Globalization;

namespace KvNorm.Jinja;

/// <summary>How JSON is laid out.</summary>
/// <param name="Indent">Spaces per level, or 0 for one line.</param>
/// <param name="ItemSeparator">Between items.</param>
/// <param name="KeySeparator">Between a key and its value.</param>
internal sealed record JsonFormat(int Indent, string ItemSeparator, string KeySeparator)
{
    /// <summary>As Python's json.dumps writes by default.</summary>
    public static JsonFormat Plain { get; } = new(0, ", ", ": ");

    public bool EnsureAscii { get; init; }

    public bool SortKeys { get; init; }

    /// <summary>Gets what stands for a value that is not there.</summary>
    public string Undefined { get; init; } = "null";
}

/// <summary>Writes a value as JSON. The text is data as a whole: none of it may become a control token.</summary>
internal sealed class JsonText(JinjaRun run, JsonFormat format)
{
    private readonly JinjaStringBuilder _text = new(run);

    public JinjaString Of(object? value)
    {
        Write(value, 0);
        return _text.ToJinjaString();
    }

    private void Write(object? value, int level)
    {
        run.Enter();
        run.Charge(1);
        switch (value)
        {
            case null: Add("null"); break;
            case Undefined: Add(format.Undefined); break;
            case bool flag: Add(flag ? "true" : "false"); break;
            case long number: Add(number.ToString(CultureInfo.InvariantCulture)); break;
            case LargeInteger number: Add(number.Digits); break;
            case double number: Add(Number(number)); break;
            case JinjaString text: WriteString(text.Text); break;
            case JinjaList list: WriteItems('[', ']', list.Items, level, item => Write(item, level + 1)); break;
            case JinjaDict dict: WriteMap(dict.Items.Select(pair => (KeyText(pair.Key), pair.Value)), level); break;
            case JinjaNamespace names: WriteMap(names.Attributes.Select(pair => (pair.Key, pair.Value)), level); break;
            default: throw run.Fail($"{TypeNames.Of(value)} cannot be written as JSON");
        }

        run.Leave();
    }

    private void WriteMap(IEnumerable<(string Key, object? Value)> items, int level)
    {
        // This list lives until all that is in it is written: a mapping in itself has one for each level.
        List<(string Key, object? Value)> listed = [];
        foreach ((string, object?) item in items)
        {
            run.Charge(1);
            listed.Add(item);
        }

        if (format.SortKeys)
            listed = [.. listed.OrderBy(item => item.Key, StringComparer.Ordinal)];
        WriteItems('{', '}', listed, level, item =>
        {
            WriteString(item.Key);
            Add(format.KeySeparator);
            Write(item.Value, level + 1);
        });
    }

    private void WriteItems<T>(char open, char close, List<T> items, int level, Action<T> write)
    {
        Add([open]);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
                Add(format.ItemSeparator);
            NewLine(level + 1);
            write(items[i]);
        }

        if (items.Count > 0)
            NewLine(level);
        Add([close]);
    }

    private void NewLine(int level)
    {
        if (format.Indent == 0)
            return;
        Add("\n");
        _text.AppendRepeated(JinjaString.Data(" "), (long)format.Indent * level);
    }

    private void WriteString(string text)
    {
        Add("\"");
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (Escaped(text, i) is not { } escape)
                continue;
            Add(text.AsSpan(start, i - start));
            Add(escape);
            start = i + 1;
        }

        Add(text.AsSpan(start));
        Add("\"");
    }

    private string? Escaped(string text, int index) => text[index] switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < ' ' => Code(text[index]),
        >= '\x7f' when format.EnsureAscii => Code(text[index]),
        _ => null,
    };

    private static string Code(char c) => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture);

    private static string Number(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : ValueText.OfDouble(number);

    private static string KeyText(object key) => key switch
    {
        JinjaString text => text.Text,
        double number => Number(number),
        _ => string.Create(CultureInfo.InvariantCulture, $"{key}"),
    };

    private void Add(ReadOnlySpan<char> text) => _text.Append(text, fromTemplate: false);
}
