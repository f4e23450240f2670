using System.Globalization;

namespace KvNorm.Jinja;

// The values of templates are .NET objects: null is none, then bool, long, double, JinjaString and the classes below.

/// <summary>The value of what does not exist. It is empty and false, but has no attributes.</summary>
/// <param name="Name">What was asked for, for messages.</param>
internal sealed record Undefined(string Name)
{
    public override string ToString() => $"'{Name}' is undefined";
}

/// <summary>A caller's integer of more than 64 bits. It is written with all its digits; arithmetic takes it as a float.</summary>
/// <param name="Digits">The digits, after a minus sign where it is negative.</param>
internal sealed record LargeInteger(string Digits)
{
    /// <summary>Gets the integer as a float, read once: there may be very many digits.</summary>
    public double Value { get; } = double.Parse(Digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}

/// <summary>A list, or a tuple.</summary>
internal sealed class JinjaList(List<object?> items, bool isTuple = false)
{
    public List<object?> Items => items;

    public bool IsTuple => isTuple;
}

/// <summary>A mapping in the order of insertion.</summary>
internal sealed class JinjaDict
{
    public OrderedDictionary<object, object?> Items { get; } = new(KeyComparer.Instance);

    /// <summary>A value as the key it is looked up or put by, charged for its hash; null if it may not be a key.</summary>
    public static object? Key(JinjaRun run, object? value)
    {
        if (value is JinjaString text)
            run.ChargeLook(text.Length);
        return value switch
        {
            JinjaString or long => value,
            bool flag => flag ? 1L : 0L,
            double number when number == Math.Floor(number) && Math.Abs(number) < long.MaxValue => (long)number,
            double number => number,
            _ => null,
        };
    }

    /// <summary>The value of a key; false also where what is asked for cannot be a key.</summary>
    public bool TryGet(JinjaRun run, object? key, out object? value)
    {
        value = null;
        return Key(run, key) is { } known && Items.TryGetValue(known, out value);
    }

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        public new bool Equals(object? x, object? y) => x is not null && x.Equals(y);

        // A template cannot foresee the hashes of texts, but could choose numbers that all have the same, and a lookup goes through these.
        public int GetHashCode(object obj) => obj switch
        {
            long number => Mixed(number),
            double number => Mixed(BitConverter.DoubleToInt64Bits(number)),
            _ => obj.GetHashCode(),
        };

        private static int Mixed(long bits) => unchecked(HashCode.Combine((int)bits, (int)(bits >> 32)));
    }
}

/// <summary>What namespace() makes: the one thing whose attributes a template may set.</summary>
internal sealed class JinjaNamespace
{
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);

    public bool TryGet(JinjaRun run, string name, out object? value)
    {
        run.ChargeLook(name.Length);
        return Attributes.TryGetValue(name, out value);
    }
}

/// <summary>Something that can be called: a macro, a global function or a method with its object.</summary>
internal sealed record JinjaFunction(string Name, Func<Arguments, object?> Call)
{
    /// <summary>Gets what the function returns besides being called (a joiner or a cycler has attributes), or null.</summary>
    public Func<string, object?>? Attribute { get; init; }
}

/// <summary>The variable `loop`.</summary>
internal sealed class LoopState(List<object?> items, int depth, Func<Arguments, object?>? recurse)
{
    public int Index { get; set; }

    public Func<Arguments, object?>? Recurse => recurse;

    public object? LastSeen { get; set; } = new Undefined("loop.changed");

    /// <summary>An attribute of the loop, null-free: false if there is none of this name.</summary>
    public bool TryGet(string name, out object? value)
    {
        (bool found, value) = name switch
        {
            "index" => (true, Index + 1L),
            "index0" => (true, (long)Index),
            "revindex" => (true, (long)(items.Count - Index)),
            "revindex0" => (true, items.Count - Index - 1L),
            "first" => (true, Index == 0),
            "last" => (true, Index == items.Count - 1),
            "length" => (true, (long)items.Count),
            "depth" => (true, depth + 1L),
            "depth0" => (true, (long)depth),
            "previtem" => (true, Index > 0 ? items[Index - 1] : new Undefined("loop.previtem")),
            "nextitem" => (true, Index + 1 < items.Count ? items[Index + 1] : new Undefined("loop.nextitem")),
            _ => (false, (object?)null),
        };
        return found;
    }
}
