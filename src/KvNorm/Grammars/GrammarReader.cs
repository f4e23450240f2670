namespace KvNorm.Grammars;

/// <summary>
/// Reads a grammar's rules as far as it takes to see how they begin; what is inside literals and classes is llama.cpp's to judge.
/// </summary>
internal sealed class GrammarReader(string text)
{
    private int _at, _depth;

    /// <summary>The rules by their names: alternatives of sequences.</summary>
    /// <exception cref="ArgumentException">A group is nested too deeply, or the text is no grammar.</exception>
    public Dictionary<string, IReadOnlyList<IReadOnlyList<GrammarPart>>> Read()
    {
        Dictionary<string, IReadOnlyList<IReadOnlyList<GrammarPart>>> rules = new(StringComparer.Ordinal);
        SkipSpace(lines: true);
        while (_at < text.Length)
        {
            string name = Name();
            SkipSpace(lines: false);
            if (name.Length == 0 || !text.AsSpan(_at).StartsWith("::="))
                throw Error("the name of a rule and ::= were expected");
            _at += 3;
            SkipSpace(lines: true);
            rules[name] = Alternatives(lines: false);
            if (_at < text.Length && text[_at] is not ('\r' or '\n'))
                throw Error("the end of the rule was expected");
            SkipSpace(lines: true);
        }

        return rules;
    }

    private List<IReadOnlyList<GrammarPart>> Alternatives(bool lines)
    {
        List<IReadOnlyList<GrammarPart>> alternatives = [Sequence(lines)];
        while (_at < text.Length && text[_at] == '|')
        {
            _at++;
            SkipSpace(lines: true);
            alternatives.Add(Sequence(lines));
        }

        return alternatives;
    }

    private List<GrammarPart> Sequence(bool lines)
    {
        List<GrammarPart> parts = [];
        while (_at < text.Length && Item() is { } part)
        {
            SkipSpace(lines);
            parts.Add(Repeated(part, lines));
        }

        return parts;
    }

    private GrammarPart? Item()
    {
        int start = _at;
        switch (text[_at])
        {
            case '"':
                Skip('"');
                return new GrammarPart { IsEmpty = _at - start == 2 };
            case '[':
                Skip(']');
                return new GrammarPart();
            case '<' or '!':
                Skip('>');
                return new GrammarPart();
            case '.':
                _at++;
                return new GrammarPart();
            case '(':
                return Group();
            default:
                return Name() is { Length: > 0 } name ? new GrammarPart { Rule = name } : null;
        }
    }

    private GrammarPart Group()
    {
        if (++_depth > GrammarCheck.DeepestGroup)
            throw Error($"groups are nested more than {GrammarCheck.DeepestGroup} deep");
        _at++;
        SkipSpace(lines: true);
        List<IReadOnlyList<GrammarPart>> alternatives = Alternatives(lines: true);
        if (_at >= text.Length || text[_at] != ')')
            throw Error("the end of a group was expected");
        _at++;
        _depth--;
        return new GrammarPart { Group = alternatives };
    }

    private GrammarPart Repeated(GrammarPart part, bool lines)
    {
        while (_at < text.Length && text[_at] is '*' or '+' or '?' or '{')
        {
            char sign = text[_at++];
            bool mayBeAbsent = sign is '*' or '?' || (sign == '{' && IsFromZero(lines));
            SkipSpace(lines);
            part = part with { MayBeAbsent = part.MayBeAbsent || mayBeAbsent };
        }

        return part;
    }

    // Goes to the end of a repetition's bounds; blanks may stand before the number.
    private bool IsFromZero(bool lines)
    {
        SkipSpace(lines);
        int start = _at;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
        bool isZero = _at > start && text.AsSpan(start, _at - start).TrimStart('0').IsEmpty;
        int end = text.IndexOf('}', _at);
        if (end < 0)
            throw Error("the end of a repetition was expected", text.Length);
        _at = end + 1;
        return isZero;
    }

    private string Name()
    {
        int start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '-'))
            _at++;
        return text[start.._at];
    }

    private void Skip(char end)
    {
        _at++;
        while (_at < text.Length && text[_at] != end)
            _at += text[_at] == '\\' ? 2 : 1;
        if (_at++ >= text.Length)
            throw Error($"'{end}' was expected", text.Length);
    }

    private void SkipSpace(bool lines)
    {
        while (_at < text.Length && (text[_at] is ' ' or '\t' or '#' || (lines && text[_at] is '\r' or '\n')))
        {
            if (text[_at] != '#')
            {
                _at++;
                continue;
            }

            int end = text.AsSpan(_at).IndexOfAny('\r', '\n');
            _at = end < 0 ? text.Length : _at + end;
        }
    }

    private ArgumentException Error(string problem, int? at = null) =>
        new($"The grammar is wrong at character {Math.Min(at ?? _at, text.Length)}: {problem}.");
}
