using System.Globalization;

namespace KvNorm.Grammars;

/// <summary>Whole numbers between two bounds, digit by digit.</summary>
internal static class IntegerRange
{
    /// <summary>Digits of a whole number without an upper bound, so that a model cannot write them for ever.</summary>
    public const int MostDigits = 19;

    public static readonly Int128 Largest = Int128.Parse(new string('9', MostDigits), CultureInfo.InvariantCulture);

    /// <summary>The numbers from 0 &lt;= least &lt;= most on, as alternatives.</summary>
    public static string NonNegative(Int128 least, Int128 most)
    {
        List<string> ways = [];
        int shortest = Digits(least).Length, longest = Digits(most).Length;
        for (int length = shortest; length <= longest; length++)
        {
            Int128 first = length == 1 ? 0 : Power(length - 1), last = Power(length) - 1;
            if (first >= least && last <= most && length > 1)
            {
                // All numbers of this length and of some more.
                int end = length;
                while (end < longest && Power(end + 1) - 1 <= most)
                    end++;
                ways.Add($"[1-9] {Any(length - 1, end - 1)}");
                length = end;
            }
            else
            {
                ways.Add(Same(Digits(Int128.Max(first, least)), Digits(Int128.Min(last, most))));
            }
        }

        return Gbnf.OneOf(ways);
    }

    // Numbers of as many digits, leading zeros included.
    private static string Same(string least, string most)
    {
        if (least.Length == 0)
            return "";
        if (least.All(static digit => digit == '0') && most.All(static digit => digit == '9'))
            return Any(least.Length, least.Length);
        (char from, char to) = (least[0], most[0]);
        string lower = least[1..], upper = most[1..];
        if (from == to)
            return $"\"{from}\" {Same(lower, upper)}".TrimEnd();
        List<string> ways = [];
        if (lower.Any(static digit => digit != '0'))
            ways.Add($"\"{from++}\" {Same(lower, new string('9', lower.Length))}");
        bool cut = upper.Any(static digit => digit != '9');
        char last = cut ? (char)(to - 1) : to;
        if (from <= last)
            ways.Add($"[{from}-{last}] {Any(lower.Length, lower.Length)}".TrimEnd());
        if (cut)
            ways.Add($"\"{to}\" {Same(new string('0', upper.Length), upper)}");
        return Gbnf.OneOf(ways);
    }

    private static string Any(int least, int most) => Gbnf.Repeat("[0-9]", least, most);

    private static string Digits(Int128 number) => number.ToString(CultureInfo.InvariantCulture);

    private static Int128 Power(int exponent) => Int128.Parse("1" + new string('0', exponent), CultureInfo.InvariantCulture);
}
