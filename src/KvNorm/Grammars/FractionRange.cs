namespace KvNorm.Grammars;

/// <summary>Digits behind a decimal point between two bounds.</summary>
/// <param name="least">The digits of the lower bound without zeros at their end; null for no bound.</param>
/// <param name="aboveLeast">Whether the lower bound itself is left out.</param>
/// <param name="most">The digits of the upper bound without zeros at their end; null for no bound.</param>
/// <param name="belowMost">Whether the upper bound itself is left out.</param>
internal sealed class FractionRange(string? least, bool aboveLeast, string? most, bool belowMost)
{
    /// <summary>Digits behind a decimal point, so that a model cannot write them for ever.</summary>
    public const int MostDigits = 16;

    /// <summary>The decimal point and the digits, or nothing where that is within the bounds; null when nothing is.</summary>
    public string? Body()
    {
        bool tightLeast = least is not null, tightMost = most is not null;
        string? digits = More(0, tightLeast, tightMost);
        if (!MayEnd(0, tightLeast, tightMost))
            return digits is null ? null : $"\".\" {digits}";
        return digits is null ? "" : $"(\".\" {digits})?";
    }

    // At least one digit more, behind some that equal those of a bound that is still tight.
    private string? More(int at, bool tightLeast, bool tightMost)
    {
        if (at >= MostDigits)
            return null;
        int from = tightLeast ? DigitAt(least!, at) : 0, to = tightMost ? DigitAt(most!, at) : 9;
        List<string> ways = [];
        for (int digit = from; digit <= to; digit++)
        {
            bool isLeast = tightLeast && digit == from, isMost = tightMost && digit == to;
            int last = isLeast || isMost ? digit : tightMost ? to - 1 : to;
            if (After(at + 1, isLeast, isMost) is { } after)
                ways.Add($"[{digit}-{last}] {after}".TrimEnd());
            digit = last;
        }

        return ways.Count == 0 ? null : Gbnf.OneOf(ways);
    }

    private string? After(int at, bool tightLeast, bool tightMost)
    {
        if (!tightLeast && !tightMost)
            return Gbnf.Repeat("[0-9]", 0, MostDigits - at);
        string? more = More(at, tightLeast, tightMost);
        if (!MayEnd(at, tightLeast, tightMost))
            return more;
        return more is null ? "" : $"({more})?";
    }

    private bool MayEnd(int at, bool tightLeast, bool tightMost) =>
        (!tightLeast || (at >= least!.Length && !aboveLeast)) && (!tightMost || at < most!.Length || !belowMost);

    private static int DigitAt(string digits, int at) => at < digits.Length ? digits[at] - '0' : 0;
}
