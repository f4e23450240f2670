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
    /// <param name="builder">Takes the rules of groups.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="least">The fewest characters.</param>
    /// <param name="most">The most characters; null for no bound.</param>
    public static PatternContent? Content(GrammarBuilder builder, string pattern, int least = 0, int? most = null) =>
        pattern.Length > LongestPattern ? null : new PatternParser(builder, pattern).Whole(least, most);

    private PatternContent? Whole(int least, int? most)
    {
        List<List<PatternLoop>> ways = [];
        do
        {
            if (Way() is not { } way)
                return null;
            ways.Add(way);
        }
        while (Take('|'));
        if (Next >= 0)
            return null;
        foreach (List<PatternLoop> way in ways)
            PatternLength.Bound(way, least, most);
        return new PatternContent(
            Gbnf.OneOf(ways.Select(way => Text(way) is { Length: > 0 } text ? text : "\"\"")),
            ways.TrueForAll(way => PatternLength.Least(way) >= least),
            ways.TrueForAll(way => most is null || PatternLength.Most(way) <= most));
    }

    // A pattern is looked for anywhere in the text, so what is not anchored may have anything around it.
    private List<PatternLoop>? Way()
    {
        PatternLoop any = new(new PatternItem(JsonRules.Character(_builder), 1, 1), 0, null);
        bool starts = Take('^');
        if (Sequence() is not { } way)
            return null;
        if (!starts)
            way.Insert(0, any);
        if (!Take('$'))
            way.Add(any);
        return way;
    }

    private List<PatternLoop>? Sequence()
    {
        List<PatternLoop> loops = [];
        while (Next is not (-1 or '|' or ')' or '$'))
        {
            if (++_pieces > MostPieces || Item() is not { } item || Repeated(item) is not { } loop)
                return null;
            loops.Add(loop);
        }

        return loops;
    }

    private string Text(List<PatternLoop> loops) => string.Join(' ', loops.Select(loop => loop is { Least: 1, Most: 1 }
        ? loop.Item.Text
        : _builder.Repeat(loop.Item.Text, loop.Least, loop.Most)).Where(static text => text.Length > 0));

    private PatternItem? Item()
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

    private PatternItem? Group()
    {
        if (++_depth > DeepestGroup || (Take('?') && !SkipGroupName()))
            return null;
        List<List<PatternLoop>> ways = [];
        do
        {
            if (Sequence() is not { } way)
                return null;
            ways.Add(way);
        }
        while (Take('|'));
        _depth--;
        if (!Take(')'))
            return null;
        string body = string.Join(" | ", ways.Select(way => Text(way) is { Length: > 0 } text ? text : "\"\""));
        return new PatternItem(
            _builder.Define("pattern", body), ways.Min(PatternLength.Least),
            ways.Select(PatternLength.Most).Aggregate(PatternLength.Larger));
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

    private PatternLoop? Repeated(PatternItem item)
    {
        int start = _at;
        if (Quantifier() is not { } times)
            return null;
        if (_at == start)
            return new PatternLoop(item, 1, 1);
        Take('?'); // lazy: the same texts
        bool isLoop = times.Most is null or > 1;
        if (times.Least > times.Most || (item.Least == 0 && isLoop) || Next is '+' or '*' or '{')
            return null; // llama.cpp takes a loop over nothing for a left recursion
        return new PatternLoop(item, times.Least, times.Most);
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
        List<CharSet> items = [];
        while (Next >= 0 && Next != ']')
        {
            if (ClassItem() is not { } item)
                return null;
            items.Add(item);
        }

        if (!Take(']'))
            return null;
        CharSet set = CharSet.OfAll(items); // at once: a class may have two thousand items
        return isNegated ? set.Complement() : set;
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

    private static PatternItem? Character(CharSet set) => set.IsEmpty ? null : new PatternItem(JsonCharacters.OneOf(set), 1, 1);

    private bool Take(int letter)
    {
        if (Next != letter)
            return false;
        _at++;
        return true;
    }
}
