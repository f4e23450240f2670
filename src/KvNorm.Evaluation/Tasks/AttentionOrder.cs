namespace KvNorm.Evaluation.Tasks;

/// <summary>Compares the order of some scores with that of the attention which rows received.</summary>
internal static class AttentionOrder
{
    /// <summary>
    /// ALR (Devoto et al. 2024, Eq. 3): the attention lost when the m rows with the lowest scores are dropped, less that of the m rows with
    /// the least attention, summed over all m. Of rows with equal scores the later are dropped first, as an eviction does.
    /// </summary>
    /// <param name="scores">(rows).</param>
    /// <param name="attention">(rows).</param>
    /// <returns>0 for the ideal order, at most the number of rows.</returns>
    public static double Loss(ReadOnlySpan<float> scores, ReadOnlySpan<float> attention)
    {
        float[] paid = attention.ToArray();
        int[] byScore = Order(scores), byAttention = Order(attention);
        double lost = 0, least = 0, sum = 0;
        for (int dropped = 0; dropped < paid.Length; dropped++)
        {
            lost += paid[byScore[dropped]];
            least += paid[byAttention[dropped]];
            sum += lost - least;
        }

        return Math.Max(0, sum); // the two sums of all rows may differ by their rounding
    }

    /// <summary>Spearman's rank correlation; equal numbers share the mean of their ranks. 0 where all are equal.</summary>
    /// <param name="scores">(rows).</param>
    /// <param name="attention">(rows).</param>
    public static double Correlation(ReadOnlySpan<float> scores, ReadOnlySpan<float> attention)
    {
        double[] left = Ranks(scores), right = Ranks(attention);
        double middle = (left.Length - 1) / 2.0, product = 0, ofLeft = 0, ofRight = 0;
        for (int row = 0; row < left.Length; row++)
        {
            (double x, double y) = (left[row] - middle, right[row] - middle);
            (product, ofLeft, ofRight) = (product + (x * y), ofLeft + (x * x), ofRight + (y * y));
        }

        return ofLeft == 0 || ofRight == 0 ? 0 : product / Math.Sqrt(ofLeft * ofRight);
    }

    // Rows from the lowest number up; of equal ones the later first.
    private static int[] Order(ReadOnlySpan<float> numbers)
    {
        float[] all = numbers.ToArray();
        return [.. Enumerable.Range(0, all.Length).OrderBy(row => all[row]).ThenByDescending(static row => row)];
    }

    private static double[] Ranks(ReadOnlySpan<float> numbers)
    {
        int[] order = Order(numbers);
        double[] ranks = new double[order.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && numbers[order[end]] == numbers[order[start]])
                end++;
            for (int i = start; i < end; i++)
                ranks[order[i]] = (start + end - 1) / 2.0;
        }

        return ranks;
    }
}
