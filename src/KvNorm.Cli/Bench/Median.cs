namespace KvNorm.Cli.Bench;

internal static class Median
{
    public static double Of(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The medians of the first, middle and last third of a series.</summary>
    public static double[] ByThird(IReadOnlyList<double> series)
    {
        int third = series.Count / 3;
        return [Of(series.Take(third)), Of(series.Skip(third).Take(third)), Of(series.Skip(series.Count - third))];
    }
}
