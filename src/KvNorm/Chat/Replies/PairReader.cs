using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KvNorm.Chat.Dialects;

namespace KvNorm.Chat.Replies;

/// <summary>
/// Reads calls that are a name and, in brackets, names of arguments with their values. All the ways to write a value are read.
/// </summary>
internal ref struct PairReader
{
    private const int Deepest = 64; // brackets in brackets

    private readonly ReadOnlySpan<char> _text;
    private readonly PairSyntax _syntax;
    private int _at, _depth;

    /// <summary>Begins at the start of some text.</summary>
    public PairReader(ReadOnlySpan<char> text, PairSyntax syntax)
    {
        _text = text;
        _syntax = syntax;
    }

    /// <summary>Gets whether nothing was wrong before the text ended.</summary>
    public readonly bool IsAtEnd => _text[_at..].IsWhiteSpace();

    /// <summary>Reads a list of calls.</summary>
    /// <returns>The calls; null when there is no such list, or not all of it (<see cref="IsAtEnd"/>).</returns>
    public List<(string Name, string Arguments)>? ReadList()
    {
        List<(string, string)> calls = [];
        if (!Take("["))
            return null;
        do
        {
            if (ReadCall() is not { } call)
                return null;
            calls.Add(call);
        }
        while (Take(","));
        return Take("]") ? calls : null;
    }

    /// <summary>Reads a call.</summary>
    /// <returns>The name and the arguments as JSON; null when there is none, or not all of it (<see cref="IsAtEnd"/>).</returns>
    public (string Name, string Arguments)? ReadCall()
    {
        string name = Word().ToString();
        ArrayBufferWriter<byte> json = new();
        using Utf8JsonWriter writer = new(json);
        writer.WriteStartObject();
        if (name.Length == 0 || !Take(_syntax.Open) || !Members(writer, _syntax.Middle, _syntax.Close))
            return null;
        writer.WriteEndObject();
        writer.Flush();
        return (name, Encoding.UTF8.GetString(json.WrittenSpan));
    }

    private bool Members(Utf8JsonWriter writer, string middle, string close)
    {
        if (Take(close))
            return true;
        HashSet<string> seen = new(StringComparer.Ordinal);
        do
        {
            string? key = Key();
            if (key is null || !Take(middle) || !seen.Add(key))
                return false;
            writer.WritePropertyName(key);
            if (!Value(writer))
                return false;
        }
        while (Take(","));
        return Take(close);
    }

    private bool Items(Utf8JsonWriter writer)
    {
        if (Take("]"))
            return true;
        do
        {
            if (!Value(writer))
                return false;
        }
        while (Take(","));
        return Take("]");
    }

    private bool Value(Utf8JsonWriter writer)
    {
        if (Text() is { } text)
        {
            writer.WriteStringValue(text);
            return true;
        }

        return _at < _text.Length && _text[_at] switch
        {
            '{' => Inside(writer, isMap: true),
            '[' => Inside(writer, isMap: false),
            '"' or '\'' => false, // text without an end
            _ => Word(writer),
        };
    }

    private bool Inside(Utf8JsonWriter writer, bool isMap)
    {
        if (++_depth > Deepest)
            return false;
        _at++;
        if (isMap)
            writer.WriteStartObject();
        else
            writer.WriteStartArray();
        if (!(isMap ? Members(writer, ":", "}") : Items(writer)))
            return false;
        if (isMap)
            writer.WriteEndObject();
        else
            writer.WriteEndArray();
        _depth--;
        return true;
    }

    private bool Word(Utf8JsonWriter writer)
    {
        int start = _at;
        string word = Word().ToString();
        string json = word switch { "True" => "true", "False" => "false", "None" => "null", _ => word };
        if (_at == _text.Length)
            return false; // there may be more of it
        try
        {
            using JsonDocument value = JsonDocument.Parse(json);
            value.WriteTo(writer);
            return true;
        }
        catch (JsonException)
        {
            _at = start;
            return false;
        }
    }

    private string? Key() => Text() is { } text ? text : Word() is { Length: > 0 } word ? word.ToString() : null;

    private ReadOnlySpan<char> Word()
    {
        SkipSpace();
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-' or '.' or '+' or '/'))
            _at++;
        return _text[start.._at];
    }

    private string? Text()
    {
        SkipSpace();
        string quote = _syntax.TextQuote;
        if (quote.Length > 0 && _text[_at..].StartsWith(quote, StringComparison.Ordinal))
        {
            int length = _text[(_at + quote.Length)..].IndexOf(quote, StringComparison.Ordinal);
            int start = _at + quote.Length;
            _at = length < 0 ? _text.Length : start + length + quote.Length;
            return length < 0 ? null : _text.Slice(start, length).ToString();
        }

        if (quote.Length > 0 && _at < _text.Length && quote.AsSpan().StartsWith(_text[_at..]))
            _at = _text.Length;
        return _at < _text.Length && _text[_at] is '"' or '\'' ? Quoted(_text[_at]) : null;
    }

    private string? Quoted(char quote)
    {
        StringBuilder text = new();
        for (int at = _at + 1; at < _text.Length; at++)
        {
            if (_text[at] == quote && EndsText(at + 1, quote))
            {
                _at = at + 1;
                return text.ToString();
            }

            if (_text[at] == '\\' && at + 1 < _text.Length)
                at += Escape(text, _text[(at + 1)..]);
            else
                text.Append(_text[at]);
        }

        _at = _text.Length;
        return null;
    }

    // Some templates write text between single quotes as it is: one that nothing can follow belongs to the text.
    private readonly bool EndsText(int behind, char quote)
    {
        ReadOnlySpan<char> rest = _text[behind..].TrimStart();
        return quote == '"' || rest.IsEmpty || rest[0] is ',' or ')' or ']' or '}' or ':';
    }

    private static int Escape(StringBuilder text, ReadOnlySpan<char> behind)
    {
        if (behind[0] == 'u' && behind.Length > 4
            && ushort.TryParse(behind[1..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            text.Append((char)code);
            return 5;
        }

        _ = behind[0] switch
        {
            'n' => text.Append('\n'),
            't' => text.Append('\t'),
            'r' => text.Append('\r'),
            'b' => text.Append('\b'),
            'f' => text.Append('\f'),
            '"' or '\'' or '\\' or '/' => text.Append(behind[0]),
            _ => text.Append('\\').Append(behind[0]),
        };
        return 1;
    }

    private bool Take(string mark)
    {
        SkipSpace();
        ReadOnlySpan<char> rest = _text[_at..];
        if (rest.StartsWith(mark, StringComparison.Ordinal))
            _at += mark.Length;
        else if (!rest.IsEmpty && mark.AsSpan().StartsWith(rest, StringComparison.Ordinal))
            _at = _text.Length;
        else
            return false;
        return rest.Length >= mark.Length;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }
}
