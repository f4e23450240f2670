namespace KvNorm.Evaluation;

/// <summary>A mean and its 95 % bootstrap interval (Efron 1979); items are drawn, each with all its answers.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">The interval's lower end; null of one item, which says nothing of others.</param>
/// <param name="High">Its upper end; null where <paramref name="Low"/> is.</param>
public readonly record struct Interval(double Mean, double? Low, double? High)
{
    private const int Resamples = 2000;
    private const double Tail = 0.025; // on either side

    /// <summary>The interval of some items' numbers.</summary>
    /// <param name="items">The numbers of each item.</param>
    internal static Interval Of(IEnumerable<IEnumerable<double>> items) => Of([.. items.Select(static item => (item.Sum(), item.Count()))]);

    /// <summary>The interval of the mean over some items' numbers.</summary>
    /// <param name="sums">The sum of each item's numbers, and how many they are.</param>
    internal static Interval Of((double Sum, int Count)[] sums)
    {
        double mean = sums.Sum(static item => item.Sum) / sums.Sum(static item => item.Count);
        if (sums.Length == 1)
            return new Interval(mean, null, null);
        Random random = new(1);
        double[] means = new double[Resamples];
        for (int sample = 0; sample < Resamples; sample++)
        {
            double sum = 0;
            int count = 0;
            for (int draw = 0; draw < sums.Length; draw++)
            {
                (double itemSum, int itemCount) = sums[random.Next(sums.Length)];
                (sum, count) = (sum + itemSum, count + itemCount);
            }

            means[sample] = sum / count;
        }

        Array.Sort(means);
        return new Interval(mean, means[(int)(Tail * Resamples)], means[(int)((1 - Tail) * Resamples) - 1]);
    }

    /// <summary>The same of a function that never falls.</summary>
    internal Interval Through(Func<double, double> rising) => new(
        rising(Mean), Low is { } low ? rising(low) : null, High is { } high ? rising(high) : null);
}
