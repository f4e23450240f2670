using System.Globalization;
using System.Text;

namespace KvNorm.Jinja;

/// <summary>Cuts the inside of one tag into tokens.</summary>
internal sealed class TagLexer(string source, List<Token> tokens, int firstLine)
{
    // Longer ones first: the first that fits is taken.
    private static readonly string[] Operators =
        ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ".", ":", "|"];

    private int _position;
    private int _line;
    private int _brackets;

    /// <summary>Reads up to and over the tag's end.</summary>
    /// <param name="close">The first character of its end, % or }.</param>
    /// <param name="position">Where the inside begins; then the index after the tag.</param>
    /// <param name="line">The line there.</param>
    public void Run(char close, ref int position, ref int line)
    {
        (_position, _line) = (position, line);
        while (true)
        {
            SkipWhitespace();
            if (_position >= source.Length)
                throw JinjaException.At(firstLine, $"the tag has no '{close}}}'");
            if (_brackets == 0 && AtEnd(close))
                break;
            ReadToken();
        }

        tokens.Add(new Token(close == '%' ? TokenKind.CloseStatement : TokenKind.CloseExpression, "", _line));
        (position, line) = (_position, _line);
    }

    private bool AtEnd(char close)
    {
        int at = source[_position] is '-' or '+' ? _position + 1 : _position;
        if (at + 1 >= source.Length || source[at] != close || source[at + 1] != '}')
            return false;
        _position = at + 2;
        return true;
    }

    private void SkipWhitespace()
    {
        while (_position < source.Length && char.IsWhiteSpace(source[_position]))
        {
            if (source[_position++] == '\n')
                _line++;
        }
    }

    private void ReadToken()
    {
        char c = source[_position];
        if (c is '\'' or '"')
            ReadString(c);
        else if (char.IsAsciiDigit(c))
            ReadNumber();
        else if (char.IsLetter(c) || c == '_')
            Add(TokenKind.Name, Take(ch => char.IsLetterOrDigit(ch) || ch == '_'));
        else
            ReadOperator();
    }

    private void ReadOperator()
    {
        foreach (string op in Operators)
        {
            if (string.CompareOrdinal(source, _position, op, 0, op.Length) != 0)
                continue;
            _brackets = op switch
            {
                "(" or "[" or "{" => _brackets + 1,
                ")" or "]" or "}" => Math.Max(0, _brackets - 1),
                _ => _brackets,
            };
            Add(TokenKind.Operator, op);
            _position += op.Length;
            return;
        }

        throw JinjaException.At(_line, $"the character '{source[_position]}' is not expected");
    }

    private void ReadNumber()
    {
        // After a dot an integer is an attribute: x.0.1 has no fraction.
        bool attribute = tokens[^1] is { Kind: TokenKind.Operator, Text: "." };
        string digits = Take(c => char.IsAsciiDigit(c) || c == '_');
        bool isFloat = false;
        if (!attribute && Peek(0) == '.' && char.IsAsciiDigit(Peek(1)))
        {
            _position++;
            digits += "." + Take(char.IsAsciiDigit);
            isFloat = true;
        }

        int sign = Peek(1) is '+' or '-' ? 1 : 0;
        if (!attribute && Peek(0) is 'e' or 'E' && char.IsAsciiDigit(Peek(1 + sign)))
        {
            string exponent = source.Substring(_position, 1 + sign);
            _position += exponent.Length;
            digits += exponent + Take(char.IsAsciiDigit);
            isFloat = true;
        }

        Add(isFloat ? TokenKind.Float : TokenKind.Integer, digits.Replace("_", "", StringComparison.Ordinal));
    }

    private void ReadString(char quote)
    {
        int line = _line;
        StringBuilder text = new();
        for (_position++; _position < source.Length; _position++)
        {
            char c = source[_position];
            if (c == quote)
            {
                _position++;
                tokens.Add(new Token(TokenKind.String, text.ToString(), line));
                return;
            }

            if (c == '\n')
                _line++;
            if (c == '\\' && _position + 1 < source.Length)
                ReadEscape(text);
            else
                text.Append(c);
        }

        throw JinjaException.At(line, "the string has no end");
    }

    private void ReadEscape(StringBuilder text)
    {
        char c = source[++_position];
        int plain = "\n\\'\"abfnrtv".IndexOf(c, StringComparison.Ordinal);
        if (c == '\n')
            _line++;
        else if (plain > 0)
            text.Append("\n\\'\"\a\b\f\n\r\t\v"[plain]);
        else if (c is 'x' or 'u' or 'U')
            ReadHexadecimal(c, text);
        else if (c is >= '0' and <= '7')
            ReadOctal(text);
        else
            text.Append('\\').Append(c); // as in Python, an unknown escape stands for itself
    }

    private void ReadHexadecimal(char kind, StringBuilder text)
    {
        int count = kind switch { 'x' => 2, 'u' => 4, _ => 8 };
        bool valid = int.TryParse(Ahead(1, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code);
        if (!valid || _position + count >= source.Length || code is < 0 or > 0x10FFFF)
            throw JinjaException.At(_line, $"the escape '\\{kind}' needs {count} hexadecimal digits of a character");
        text.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32(code));
        _position += count;
    }

    private void ReadOctal(StringBuilder text)
    {
        int code = 0, digits = 0;
        for (; digits < 3 && Peek(digits) is >= '0' and <= '7'; digits++)
            code = code * 8 + (Peek(digits) - '0');
        text.Append((char)code);
        _position += digits - 1;
    }

    private ReadOnlySpan<char> Ahead(int from, int count)
    {
        int start = Math.Min(_position + from, source.Length);
        return source.AsSpan(start, Math.Min(count, source.Length - start));
    }

    private string Take(Func<char, bool> belongs)
    {
        int start = _position;
        while (_position < source.Length && belongs(source[_position]))
            _position++;
        return source[start.._position];
    }

    private char Peek(int ahead) => _position + ahead < source.Length ? source[_position + ahead] : '\0';

    private void Add(TokenKind kind, string text) => tokens.Add(new Token(kind, text, _line));
}
