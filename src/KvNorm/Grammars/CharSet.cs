using System.Globalization;
using System.Text;

namespace KvNorm.Grammars;

/// <summary>A set of Unicode code points as ascending ranges that do not touch.</summary>
internal sealed class CharSet
{
    private const int Last = 0x10FFFF;

    private static readonly CharSet Surrogates = new([(0xD800, 0xDFFF)]);

    private readonly (int From, int To)[] _ranges;

    public CharSet(IEnumerable<(int From, int To)> ranges)
    {
        List<(int From, int To)> merged = [];
        foreach ((int from, int to) in ranges.Where(static range => range.From <= range.To).Order())
        {
            if (merged.Count > 0 && from <= merged[^1].To + 1)
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, to));
            else
                merged.Add((from, to));
        }

        _ranges = [.. merged];
    }

    /// <summary>Gets what may stand in a JSON string as it is.</summary>
    public static CharSet Plain { get; } = Of("\"\\").Union(new CharSet([(0, 0x1F)])).Complement();

    public bool IsEmpty => _ranges.Length == 0;

    public static CharSet Of(string characters) => new(characters.EnumerateRunes().Select(static rune => (rune.Value, rune.Value)));

    /// <summary>Gets the only member; null when there are more or none.</summary>
    public int? Single => _ranges is [(int from, int to)] && from == to ? from : null;

    public bool Contains(int codePoint) => _ranges.Any(range => range.From <= codePoint && codePoint <= range.To);

    public CharSet Union(CharSet other) => new(_ranges.Concat(other._ranges));

    /// <summary>What is in any of some sets.</summary>
    public static CharSet OfAll(IEnumerable<CharSet> sets) => new(sets.SelectMany(static set => set._ranges));

    /// <summary>All characters that are not in it. Halves of surrogate pairs are no characters.</summary>
    public CharSet Complement()
    {
        List<(int From, int To)> gaps = [];
        int next = 0;
        foreach ((int from, int to) in Union(Surrogates)._ranges)
        {
            gaps.Add((next, from - 1));
            next = to + 1;
        }

        gaps.Add((next, Last));
        return new CharSet(gaps);
    }

    public CharSet Except(CharSet other) => Complement().Union(other).Complement();

    public CharSet Intersect(CharSet other) => Except(other.Complement());

    /// <summary>
    /// The set as a GBNF class. Never a negated one: llama.cpp refuses the first bytes of every character that shares them with an excluded
    /// one.
    /// </summary>
    public string ToClass()
    {
        StringBuilder text = new("[");
        foreach ((int from, int to) in _ranges)
        {
            text.Append(Escape(from));
            if (to > from)
                text.Append('-').Append(Escape(to));
        }

        return text.Append(']').ToString();
    }

    private static string Escape(int codePoint) => codePoint switch
    {
        '"' or '\\' or '[' or ']' => "\\" + (char)codePoint,
        > ' ' and < 0x7F and not ('^' or '-') => ((char)codePoint).ToString(),
        <= 0xFF => string.Create(CultureInfo.InvariantCulture, $"\\x{codePoint:X2}"),
        <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{codePoint:X4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{codePoint:X8}"),
    };
}
