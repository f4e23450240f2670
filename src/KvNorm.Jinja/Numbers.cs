namespace KvNorm.Jinja;

/// <summary>Arithmetic as in Python. Integers have 64 bits: what is larger overflows, which ends the render.</summary>
internal static class Numbers
{
    public static bool Is(object? value) => value is long or double or bool or LargeInteger;

    public static double AsDouble(object? value) => value switch
    {
        double number => number,
        long number => number,
        LargeInteger number => number.Value,
        _ => value is true ? 1 : 0,
    };

    /// <summary>A number or boolean as an integer.</summary>
    /// <exception cref="OverflowException">It has more than 64 bits.</exception>
    public static long AsLong(object? value) => value switch
    {
        long number => number,
        LargeInteger => throw new OverflowException(),
        _ => value is true ? 1 : 0,
    };

    public static object Apply(JinjaRun run, string op, object? left, object? right)
    {
        bool isFloat = left is double or LargeInteger || right is double or LargeInteger;
        if (op is "/" or "//" or "%" && AsDouble(right) == 0)
            throw run.Fail("division by zero");
        if (op == "**" && AsDouble(left) == 0 && AsDouble(right) < 0)
            throw run.Fail("0 has no negative power");
        return isFloat || op == "/" || op == "**" && AsLong(right) < 0
            ? (object)OfDoubles(op, AsDouble(left), AsDouble(right))
            : OfLongs(op, AsLong(left), AsLong(right));
    }

    private static double OfDoubles(string op, double a, double b) => op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "//" => Math.Floor(a / b),
        "%" => a - b * Math.Floor(a / b),
        _ => Math.Pow(a, b),
    };

    private static long OfLongs(string op, long a, long b) => op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "//" => Floor(a, b),
        "%" => b == -1 ? 0L : a - b * Floor(a, b),
        _ => Power(a, b),
    };

    private static long Floor(long a, long b)
    {
        long quotient = a / b;
        return a % b != 0 && a < 0 != b < 0 ? quotient - 1 : quotient;
    }

    private static long Power(long value, long exponent)
    {
        long power = 1;
        while (exponent > 0)
        {
            if ((exponent & 1) == 1)
                power *= value;
            if ((exponent >>= 1) > 0)
                value *= value;
        }

        return power;
    }
}
