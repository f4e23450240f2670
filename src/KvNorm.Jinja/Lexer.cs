namespace KvNorm.Jinja;

/// <summary>
/// Cuts a template into text and tags, with the whitespace rules chat templates are written for: trim_blocks (the newline after a block
/// or comment goes) and lstrip_blocks (spaces and tabs before a block or comment that begins its line go).
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    private Lexer(string source) => _source = source;

    public static List<Token> Tokenize(string source)
    {
        // As Jinja reads a file: any newline is \n, and the last one is not part of the template.
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return new Lexer(source.EndsWith('\n') ? source[..^1] : source).Run();
    }

    private List<Token> Run()
    {
        while (_position < _source.Length)
        {
            int tag = NextTag(_position);
            AddText(tag);
            if (tag < _source.Length)
                ReadTag();
        }

        Add(TokenKind.End, "");
        return _tokens;
    }

    private int NextTag(int from)
    {
        for (int i = from; (i = _source.IndexOf('{', i)) >= 0 && i + 1 < _source.Length; i++)
        {
            if (_source[i + 1] is '{' or '%' or '#')
                return i;
        }

        return _source.Length;
    }

    /// <summary>The text up to a tag, less what the tag's opening takes from its end.</summary>
    private void AddText(int tag)
    {
        string text = _source[_position..tag];
        char mark = tag + 2 < _source.Length ? _source[tag + 2] : ' ';
        if (tag < _source.Length && mark == '-')
            text = text.TrimEnd();
        else if (tag < _source.Length && mark != '+' && _source[tag + 1] is '%' or '#')
            text = WithoutIndent(text);
        if (text.Length > 0)
            Add(TokenKind.Text, text);
        Advance(tag);
    }

    private string WithoutIndent(string text)
    {
        int end = text.Length;
        while (end > 0 && text[end - 1] is ' ' or '\t')
            end--;
        int before = _position + end - 1;
        return before < 0 || _source[before] == '\n' ? text[..end] : text;
    }

    private void ReadTag()
    {
        char kind = _source[_position + 1];
        int line = _line;
        Advance(_position + 2);
        if (kind == '#')
        {
            ReadComment(line);
            return;
        }

        if (Peek(0) is '-' or '+')
            Advance(_position + 1);
        if (kind == '%' && ReadRaw())
            return;
        Add(kind == '%' ? TokenKind.OpenStatement : TokenKind.OpenExpression, "");
        new TagLexer(_source, _tokens, line).Run(kind == '%' ? '%' : '}', ref _position, ref _line);
        AfterTag(trimsNewline: kind == '%');
    }

    private void ReadComment(int line)
    {
        int end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
            throw JinjaException.At(line, "the comment has no '#}'");
        Advance(end + 2);
        AfterTag(trimsNewline: true);
    }

    /// <summary>Skips what the mark just before a tag's end says: all whitespace for -, the newline of a block otherwise.</summary>
    private void AfterTag(bool trimsNewline)
    {
        char mark = _source[_position - 3];
        int end = _position;
        if (mark == '-')
        {
            while (end < _source.Length && char.IsWhiteSpace(_source[end]))
                end++;
        }
        else if (trimsNewline && mark != '+' && end < _source.Length && _source[end] == '\n')
        {
            end++;
        }

        Advance(end);
    }

    /// <summary>A block whose text is not looked into: {% raw %} ... {% endraw %}.</summary>
    private bool ReadRaw()
    {
        int line = _line;
        if (!TagNamed("raw", _position, out int start))
            return false;
        bool trims = _source[start - 3] == '-';
        for (int tag = start; (tag = _source.IndexOf("{%", tag, StringComparison.Ordinal)) >= 0; tag += 2)
        {
            int name = tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? tag + 3 : tag + 2;
            if (!TagNamed("endraw", name, out int end))
                continue;
            Advance(start);
            string text = trims ? _source[start..tag].TrimStart() : _source[start..tag];
            Add(TokenKind.Text, _source[tag + 2] == '-' ? text.TrimEnd() : text);
            Advance(end);
            AfterTag(trimsNewline: true);
            return true;
        }

        throw JinjaException.At(line, "the block 'raw' has no 'endraw'");
    }

    private bool TagNamed(string name, int at, out int end)
    {
        at = SkipWhitespace(at);
        end = at + name.Length;
        if (string.CompareOrdinal(_source, at, name, 0, name.Length) != 0)
            return false;
        end = SkipWhitespace(end);
        if (end < _source.Length && _source[end] is '-' or '+')
            end++;
        bool closed = string.CompareOrdinal(_source, end, "%}", 0, 2) == 0;
        end += 2;
        return closed;
    }

    private int SkipWhitespace(int at)
    {
        while (at < _source.Length && char.IsWhiteSpace(_source[at]))
            at++;
        return at;
    }

    private char Peek(int ahead) => _position + ahead < _source.Length ? _source[_position + ahead] : '\0';

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    private void Advance(int to)
    {
        _line += _source.AsSpan(_position, to - _position).Count('\n');
        _position = to;
    }
}
