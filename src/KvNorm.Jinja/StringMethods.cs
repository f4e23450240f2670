using System.Collections.Frozen;

namespace KvNorm.Jinja;

/// <summary>The methods of texts.</summary>
internal static class StringMethods
{
    private static readonly string[] None = [];
    private static readonly string[] Chars = ["chars"];
    private static readonly string[] SplitParameters = ["sep", "maxsplit"];
    private static readonly string[] Range = ["sub", "start", "end"];
    private static readonly string[] Padding = ["width", "fillchar"];
    private static readonly string[] Part = ["part"];

    public static FrozenDictionary<string, Builtin> Table { get; } = Builtin.Table(
    [
        Make("strip", Chars, (run, text, args) => TextParts.Strip(run, text, args.OptionalText(0), left: true, right: true)),
        Make("lstrip", Chars, (run, text, args) => TextParts.Strip(run, text, args.OptionalText(0), left: true, right: false)),
        Make("rstrip", Chars, (run, text, args) => TextParts.Strip(run, text, args.OptionalText(0), left: false, right: true)),
        Make("split", SplitParameters, (run, text, args) => Split(run, text, args, fromRight: false)),
        Make("rsplit", SplitParameters, (run, text, args) => Split(run, text, args, fromRight: true)),
        Make("splitlines", ["keepends"], (run, text, args) => TextParts.Lines(run, text, args.Flag(0, false))),
        Make("partition", Part, (run, text, args) => Partition(run, text, args.Text(0), fromRight: false)),
        Make("rpartition", Part, (run, text, args) => Partition(run, text, args.Text(0), fromRight: true)),
        Make("upper", None, (run, text, _) => Upper(run, text)),
        Make("lower", None, (run, text, _) => Lower(run, text)),
        Make("title", None, (run, text, _) => TextParts.Title(run, text, char.IsLetter)),
        Make("capitalize", None, (run, text, _) => Capitalize(run, text)),
        Make("replace", ["old", "new", "count"], (run, text, args) =>
            TextParts.Replace(run, text, args.Text(0), args.Text(1), args.Integer(2, -1))),
        Make("join", ["items"], (run, text, args) => TextParts.Join(run, text, Iteration.Of(run, args.Required(0)))),
        Make("startswith", Range, (run, text, args) => StartsOrEnds(run, text, args, atStart: true)),
        Make("endswith", Range, (run, text, args) => StartsOrEnds(run, text, args, atStart: false)),
        Make("find", Range, (run, text, args) => FindWithin(run, text, args, fromRight: false)),
        Make("rfind", Range, (run, text, args) => FindWithin(run, text, args, fromRight: true)),
        Make("index", Range, (run, text, args) =>
            FindWithin(run, text, args, fromRight: false) is >= 0 and var at
                ? at
                : throw run.Fail("the text of 'index' is not there")),
        Make("count", Part, (run, text, args) => Count(run, text, args.Text(0))),
        Make("removeprefix", Part, (run, text, args) => Fits(run, text.Text, args.Text(0), atStart: true)
            ? text.Slice(run, args.Text(0).Length, text.Length)
            : text),
        Make("removesuffix", Part, (run, text, args) => Fits(run, text.Text, args.Text(0), atStart: false)
            ? text.Slice(run, 0, text.Length - args.Text(0).Length)
            : text),
        Make("isdigit", None, (run, text, _) => All(run, text, char.IsDigit)),
        Make("isnumeric", None, (run, text, _) => All(run, text, char.IsNumber)),
        Make("isalpha", None, (run, text, _) => All(run, text, char.IsLetter)),
        Make("isalnum", None, (run, text, _) => All(run, text, char.IsLetterOrDigit)),
        Make("isspace", None, (run, text, _) => All(run, text, Characters.IsWhitespace)),
        Make("islower", None, (run, text, _) => Cased(run, text, char.IsUpper, char.IsLower)),
        Make("isupper", None, (run, text, _) => Cased(run, text, char.IsLower, char.IsUpper)),
        Make("ljust", Padding, (run, text, args) => TextFormats.Padded(run, text, args.Integer(0, 0), '<', args.OptionalText(1))),
        Make("rjust", Padding, (run, text, args) => TextFormats.Padded(run, text, args.Integer(0, 0), '>', args.OptionalText(1))),
        Make("center", Padding, (run, text, args) => TextFormats.Centered(run, text, args.Integer(0, 0), args.OptionalText(1))),
        Make("zfill", ["width"], (run, text, args) => TextFormats.Padded(run, text, args.Integer(0, 0), '=', JinjaString.Template("0"))),
        Make("format", null, TextFormats.Braces),
    ]);

    public static JinjaString Upper(JinjaRun run, JinjaString text)
    {
        run.ChargeText(text.Length, text.Length);
        return text.Mapped(text.Text.ToUpperInvariant());
    }

    public static JinjaString Lower(JinjaRun run, JinjaString text)
    {
        run.ChargeText(text.Length, text.Length);
        return text.Mapped(text.Text.ToLowerInvariant());
    }

    public static JinjaString Capitalize(JinjaRun run, JinjaString text)
    {
        run.ChargeText(text.Length, text.Length);
        return text.Mapped(text.Length == 0 ? "" : char.ToUpperInvariant(text.Text[0]) + text.Text[1..].ToLowerInvariant());
    }

    private static Builtin Make(string id, string[]? parameters, Func<JinjaRun, JinjaString, Arguments, object?> body) =>
        new(id, parameters, (run, target, arguments) => body(run, (JinjaString)target!, arguments));

    private static JinjaList Split(JinjaRun run, JinjaString text, Arguments arguments, bool fromRight) =>
        TextParts.Split(run, text, arguments.OptionalText(0), arguments.Integer(1, -1), fromRight);

    private static JinjaList Partition(JinjaRun run, JinjaString text, JinjaString separator, bool fromRight)
    {
        int at = Find(run, text, 0, text.Length, separator, fromRight), end = at + separator.Length;
        return new JinjaList(
            at < 0
                ? [text, JinjaString.Empty, JinjaString.Empty]
                : [text.Slice(run, 0, at), text.Slice(run, at, end), text.Slice(run, end, text.Length)],
            isTuple: true);
    }

    private static long FindWithin(JinjaRun run, JinjaString text, Arguments arguments, bool fromRight) =>
        Within(run, text, arguments) is var (start, end) && Find(run, text, start, end, arguments.Text(0), fromRight) is >= 0 and var at
            ? Characters.Index(run, text, at)
            : -1;

    /// <summary>The part of the string that the second and third argument give; null if it begins behind its end or the text's.</summary>
    private static (int Start, int End)? Within(JinjaRun run, JinjaString text, Arguments arguments)
    {
        if (!arguments.Has(1) && !arguments.Has(2))
            return (0, text.Length);
        int count = Characters.Count(run, text), start = arguments.Integer(1, 0);
        (int from, int to) = Slicing.Bounds(count, start, arguments.Integer(2, count), 1);
        return start > count || from > to ? null : (Characters.Offset(run, text, from), Characters.Offset(run, text, to));
    }

    private static int Find(JinjaRun run, JinjaString text, int start, int end, JinjaString part, bool fromRight)
    {
        run.ChargeSearch(end - start, part.Length);
        ReadOnlySpan<char> searched = text.Text.AsSpan(start, end - start);
        int at = fromRight ? searched.LastIndexOf(part.Text) : searched.IndexOf(part.Text);
        return at < 0 ? -1 : at + start;
    }

    private static bool StartsOrEnds(JinjaRun run, JinjaString text, Arguments arguments, bool atStart)
    {
        if (Within(run, text, arguments) is not var (start, end))
            return false;
        if (arguments.Required(0) is not JinjaList list)
            return Fits(run, text.Text.AsSpan(start, end - start), arguments.Text(0), atStart);
        run.Charge(list.Items.Count);
        return list.Items.Exists(item => item is JinjaString part
            ? Fits(run, text.Text.AsSpan(start, end - start), part, atStart)
            : throw run.Fail("startswith and endswith take text or a tuple of texts"));
    }

    private static bool Fits(JinjaRun run, ReadOnlySpan<char> text, JinjaString part, bool atStart)
    {
        run.ChargeLook(Math.Min(text.Length, part.Length));
        return atStart ? text.StartsWith(part.Text) : text.EndsWith(part.Text);
    }

    private static long Count(JinjaRun run, JinjaString text, JinjaString part)
    {
        run.ChargeSearch(text.Length, part.Length);
        return part.Length == 0 ? Characters.Count(run, text) + 1L : (long)text.Text.AsSpan().Count(part.Text);
    }

    private static bool All(JinjaRun run, JinjaString text, Func<char, bool> belongs)
    {
        run.ChargeText(text.Length, text.Length);
        return text.Length > 0 && text.Text.All(belongs);
    }

    private static bool Cased(JinjaRun run, JinjaString text, Func<char, bool> forbidden, Func<char, bool> needed)
    {
        run.ChargeText(text.Length, text.Length);
        return !text.Text.Any(forbidden) && text.Text.Any(needed);
    }
}
