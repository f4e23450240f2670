using System.Globalization;
using System.Text;

namespace KvNorm.Tests.Grammars;

/// <summary>Draws texts from a grammar by a walk through its rules, without llama.cpp: fast enough for thousands.</summary>
internal sealed class GrammarDrawer
{
    private const int Deep = 40; // rules within rules after which the shortest way out is taken
    private const int MostMore = 3; // repetitions beyond the fewest

    private readonly string _text;
    private readonly Dictionary<string, List<List<Part>>> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _depths = new(StringComparer.Ordinal); // of the shortest way out of a rule
    private int _at;

    public GrammarDrawer(string grammar)
    {
        _text = grammar;
        foreach (string line in grammar.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = line.Split(" ::= ", 2);
            (_text, _at) = (sides[1], 0);
            _rules[sides[0]] = Alternatives();
        }

        for (int before = -1; before != _depths.Count;)
        {
            before = _depths.Count;
            foreach ((string name, List<List<Part>> ways) in _rules.Where(rule => !_depths.ContainsKey(rule.Key)).ToArray())
            {
                if (ways.Min(Depth) is < int.MaxValue and int depth)
                    _depths[name] = depth + 1;
            }
        }
    }

    public string Draw(Random random)
    {
        StringBuilder text = new();
        Write(_rules["root"], random, text, 0);
        return text.ToString();
    }

    private void Write(List<List<Part>> ways, Random random, StringBuilder text, int depth)
    {
        List<Part> way = depth > Deep ? ways.MinBy(Depth)! : ways[random.Next(ways.Count)];
        foreach (Part part in way)
        {
            int more = depth > Deep ? 0 : random.Next(Math.Min(MostMore, (part.Most ?? int.MaxValue) - part.Least) + 1);
            for (int i = 0; i < part.Least + more; i++)
                Write(part, random, text, depth);
        }
    }

    private void Write(Part part, Random random, StringBuilder text, int depth)
    {
        if (part.Literal is not null)
            text.Append(part.Literal);
        else if (part.Ranges is not null)
            text.Append(Character(part.Ranges, random));
        else
            Write(part.Group ?? _rules[part.Rule!], random, text, depth + 1);
    }

    // Every range alike, so that the few characters of a language are not lost among all.
    private static string Character(List<(int From, int To)> ranges, Random random)
    {
        (int from, int to) = ranges[random.Next(ranges.Count)];
        return new Rune(random.Next(from, to + 1)).ToString();
    }

    private int Depth(List<Part> way) => way.Where(static part => part.Least > 0).Select(part =>
        part.Group is { } group ? group.Min(Depth) : part.Rule is { } rule ? _depths.GetValueOrDefault(rule, int.MaxValue) : 0)
        .DefaultIfEmpty(0).Max();

    private List<List<Part>> Alternatives()
    {
        List<List<Part>> ways = [[]];
        while (_at < _text.Length && _text[_at] != ')')
        {
            if (_text[_at] == ' ')
                _at++;
            else if (_text[_at] == '|')
                (_at, ways) = (_at + 1, [.. ways, []]);
            else
                ways[^1].Add(Repeated(Item()));
        }

        return ways;
    }

    private Part Item()
    {
        switch (_text[_at])
        {
            case '(':
                _at++;
                List<List<Part>> group = Alternatives();
                _at++;
                return new Part { Group = group };
            case '"':
                StringBuilder literal = new();
                for (_at++; _text[_at] != '"';)
                    literal.Append(new Rune(Letter()).ToString());
                _at++;
                return new Part { Literal = literal.ToString() };
            case '[':
                return Class();
            default:
                int start = _at;
                while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '-'))
                    _at++;
                return start < _at ? new Part { Rule = _text[start.._at] } : throw new FormatException(_text[_at..]);
        }
    }

    private Part Class()
    {
        List<(int From, int To)> ranges = [];
        for (_at++; _text[_at] != ']';)
        {
            int from = Letter(), to = from;
            if (_text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                to = Letter();
            }

            ranges.Add((from, to));
        }

        _at++;
        return new Part { Ranges = ranges };
    }

    private int Letter()
    {
        Rune rune = Rune.GetRuneAt(_text, _at);
        _at += rune.Utf16SequenceLength;
        if (rune.Value != '\\')
            return rune.Value;
        char kind = _text[_at++];
        int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
            return kind switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => kind };
        _at += digits;
        return int.Parse(_text.AsSpan(_at - digits, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private Part Repeated(Part part)
    {
        if (_at >= _text.Length || _text[_at] is not ('*' or '+' or '?' or '{'))
            return part;
        char sign = _text[_at++];
        if (sign != '{')
            return part with { Least = sign == '+' ? 1 : 0, Most = sign == '?' ? 1 : null };
        int end = _text.IndexOf('}', _at);
        string[] bounds = _text[_at..end].Split(',');
        _at = end + 1;
        int least = int.Parse(bounds[0], CultureInfo.InvariantCulture);
        int? most = bounds.Length == 1 ? least : bounds[1].Length == 0 ? null : int.Parse(bounds[1], CultureInfo.InvariantCulture);
        return part with { Least = least, Most = most };
    }

    private sealed record Part
    {
        public string? Literal { get; init; }

        public List<(int From, int To)>? Ranges { get; init; }

        public List<List<Part>>? Group { get; init; }

        public string? Rule { get; init; }

        public int Least { get; init; } = 1;

        public int? Most { get; init; } = 1;
    }
}
