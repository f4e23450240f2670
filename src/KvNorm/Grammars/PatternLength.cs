namespace KvNorm.Grammars;

/// <summary>The lengths of what a sequence of a pattern lets through, in characters.</summary>
internal static class PatternLength
{
    public static int Least(IEnumerable<PatternLoop> loops) =>
        loops.Aggregate(0, static (sum, loop) => Clamp(sum + ((long)loop.Least * loop.Item.Least)));

    public static int? Most(IEnumerable<PatternLoop> loops) =>
        loops.Aggregate((int?)0, static (sum, loop) => loop.Most * (long?)loop.Item.Most + sum is { } most ? Clamp(most) : null);

    /// <summary>The larger of two lengths, of which null is the largest.</summary>
    public static int? Larger(int? one, int? other) => one is null || other is null ? null : Math.Max(one.Value, other.Value);

    /// <summary>Bounds a sequence where one loop over single characters makes all the difference in length.</summary>
    public static void Bound(List<PatternLoop> loops, int least, int? most)
    {
        if (Least(loops) >= least && (most is null || Most(loops) <= most))
            return;
        int index = loops.FindIndex(IsVariable);
        if (index < 0 || loops.FindLastIndex(IsVariable) != index || loops[index].Item is not { Least: 1, Most: 1 })
            return;
        PatternLoop loop = loops[index];
        int others = Least(loops) - loop.Least; // all of one length
        int from = Math.Max(loop.Least, least - others);
        int? to = most is null ? loop.Most : Math.Min(loop.Most ?? int.MaxValue, most.Value - others);
        if (from > to || Math.Max(from, to ?? 0) > Gbnf.MostRepetitions)
            return;
        loops[index] = loop with { Least = from, Most = to };
    }

    private static bool IsVariable(PatternLoop loop) => loop.Least != loop.Most || loop.Item.Least != loop.Item.Most;

    private static int Clamp(long length) => (int)Math.Min(length, int.MaxValue);
}
