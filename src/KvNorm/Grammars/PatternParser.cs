using System.Globalization;
using System.Text;

namespace KvNorm.Grammars;

/// <summary>
/// Regular expressions of JSON Schema as GBNF: literals, classes, groups, alternatives and repetitions, with anchors at the ends only.
/// Everything else (look-around, back references, word borders, Unicode categories) is not said.
/// </summary>
internal sealed class PatternParser
{
    private const int LongestPattern = 2000; // characters
    private const int DeepestGroup = 30; // of groups within groups: a recursion here and in llama.cpp
    private const int MostPieces = 4000;

    private readonly GrammarBuilder _builder;
    private readonly int[] _pattern; // code points
    private int _at, _depth, _pieces;

    private PatternParser(GrammarBuilder builder, string pattern)
    {
        _builder = builder;
        _pattern = [.. pattern.EnumerateRunes().Select(static rune => rune.Value)];
    }

    private int Next => _at < _pattern.Length ? _pattern[_at] : -1;

    /// <summary>What stands between the quotes; null for a pattern that cannot be said, which allows any text.</summary>
    public static string? Content(GrammarBuilder builder, string pattern)
    {
        if (pattern.Length > LongestPattern)
            return null;
        PatternParser parser = new(builder, pattern);
        List<string>? ways = parser.Whole();
        return ways is null ? null : Gbnf.OneOf(ways);
    }

    // A pattern is looked for anywhere in the text, so what is not anchored may have anything around it.
    private List<string>? Whole()
    {
        string any = JsonRules.Character(_builder) + "*";
        List<string> ways = [];
        do
        {
            bool starts = Take('^');
            if (Sequence() is not { } sequence)
                return null;
            bool ends = Take('$');
            ways.Add($"{(starts ? "" : any)} {sequence.Text} {(ends ? "" : any)}".Trim());
        }
        while (Take('|'));
        return Next < 0 ? [.. ways.Select(static way => way.Length > 0 ? way : "\"\"")] : null;
    }

    private Piece? Sequence()
    {
        StringBuilder text = new();
        bool mayBeEmpty = true;
        while (Next is not (-1 or '|' or ')' or '$'))
        {
            if (++_pieces > MostPieces || Item() is not { } item || Repeated(item) is not { } piece)
                return null;
            text.Append(text.Length > 0 ? " " : "").Append(piece.Text);
            mayBeEmpty &= piece.MayBeEmpty;
        }

        return new Piece(text.ToString(), mayBeEmpty);
    }

    private Piece? Item()
    {
        int letter = Next;
        _at++;
        return letter switch
        {
            '(' => Group(),
            '[' => Class() is { } set ? Character(set) : null,
            '.' => Character(CharacterClasses.Dot),
            '\\' => Escape(inClass: false) is { } set ? Character(set) : null,
            '^' or '*' or '+' or '?' or '{' => null,
            _ => Character(new CharSet([(letter, letter)])),
        };
    }

    private Piece? Group()
    {
        if (++_depth > DeepestGroup || (Take('?') && !SkipGroupName()))
            return null;
        List<Piece> ways = [];
        do
        {
            if (Sequence() is not { } way)
                return null;
            ways.Add(way.Text.Length > 0 ? way : way with { Text = "\"\"" });
        }
        while (Take('|'));
        _depth--;
        if (!Take(')'))
            return null;
        return new Piece(
            _builder.Define("pattern", string.Join(" | ", ways.Select(static way => way.Text))), ways.Exists(static way => way.MayBeEmpty));
    }

    // Behind "(?": ":" or "<name>".
    private bool SkipGroupName()
    {
        if (Take(':'))
            return true;
        if (!Take('<') || Next is '=' or '!')
            return false;
        while (Next >= 0 && Next != '>')
            _at++;
        return Take('>');
    }

    private Piece? Repeated(Piece item)
    {
        int start = _at;
        if (Quantifier() is not { } times)
            return null;
        if (_at == start)
            return item;
        Take('?'); // lazy: the same texts
        bool isLoop = times.Most is null or > 1;
        if (times.Least > times.Most || (item.MayBeEmpty && isLoop) || Next is '+' or '*' or '{')
            return null; // llama.cpp takes a loop over nothing for a left recursion
        return new Piece(_builder.Repeat(item.Text, times.Least, times.Most), item.MayBeEmpty || times.Least == 0);
    }

    private (int Least, int? Most)? Quantifier()
    {
        if (Take('*'))
            return (0, null);
        if (Take('+'))
            return (1, null);
        if (Take('?'))
            return (0, 1);
        if (!Take('{'))
            return (1, 1);
        if (Integer() is not { } least)
            return null;
        int? most = least;
        if (Take(','))
            most = Integer();
        return Take('}') ? (least, most) : null;
    }

    private int? Integer()
    {
        int start = _at;
        while (Next is >= '0' and <= '9')
            _at++;
        string digits = string.Concat(_pattern[start.._at].Select(static digit => (char)digit));
        return digits.Length == 0
            ? null
            : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue;
    }

    private CharSet? Class()
    {
        bool isNegated = Take('^');
        CharSet set = new([]);
        while (Next >= 0 && Next != ']')
        {
            if (ClassItem() is not { } item)
                return null;
            set = set.Union(item);
        }

        return Take(']') ? isNegated ? set.Complement() : set : null;
    }

    private CharSet? ClassItem()
    {
        if (ClassAtom() is not { } first)
            return null;
        if (Next != '-' || _at + 1 >= _pattern.Length || _pattern[_at + 1] == ']')
            return first;
        _at++;
        if (ClassAtom() is not { } last || first.Single is not { } from || last.Single is not { } to || from > to)
            return null;
        return new CharSet([(from, to)]);
    }

    private CharSet? ClassAtom()
    {
        int letter = Next;
        _at++;
        return letter < 0 ? null : letter == '\\' ? Escape(inClass: true) : new CharSet([(letter, letter)]);
    }

    private CharSet? Escape(bool inClass)
    {
        int letter = Next;
        _at++;
        if (CharacterClasses.Named(letter) is { } named)
            return named;
        int? codePoint = letter switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'b' when inClass => '\b',
            'x' => Hex(2),
            'u' => Hex(4),
            < 0 => null,
            < 0x80 when char.IsAsciiLetterOrDigit((char)letter) => null, // word borders, back references, categories
            _ => letter,
        };
        return codePoint is { } single ? new CharSet([(single, single)]) : null;
    }

    // Halves of surrogate pairs are no characters of their own.
    private int? Hex(int digits)
    {
        if (_at + digits > _pattern.Length
            || !_pattern.AsSpan(_at, digits).ToArray().All(static digit => digit < 0x80 && char.IsAsciiHexDigit((char)digit)))
            return null;
        int value = int.Parse(
            string.Concat(_pattern[_at..(_at + digits)].Select(static digit => (char)digit)),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture);
        _at += digits;
        return value is >= 0xD800 and <= 0xDFFF ? null : value;
    }

    private static Piece? Character(CharSet set) => set.IsEmpty ? null : new Piece(JsonCharacters.OneOf(set), MayBeEmpty: false);

    private bool Take(int letter)
    {
        if (Next != letter)
            return false;
        _at++;
        return true;
    }

    /// <summary>A part of a pattern that can be repeated.</summary>
    private readonly record struct Piece(string Text, bool MayBeEmpty);
}
