namespace KvNorm.KvCache.Slots;

/// <summary>
/// A scorer's statistics in the bytes of a saved conversation: heads, then for each its numbers with their count; 0 heads for none.
/// </summary>
internal static class ScorerStatisticsFormat
{
    /// <summary>Writes them; none where one of the numbers is not finite, so that the scorer learns anew.</summary>
    public static void Write(BinaryWriter writer, ScorerStatistics? statistics)
    {
        if (statistics?.Heads.All(static head => head.All(double.IsFinite)) == false)
            statistics = null;
        writer.Write(statistics?.Heads.Count ?? 0);
        foreach (double[] head in statistics?.Heads ?? [])
        {
            writer.Write(head.Length);
            foreach (double number in head)
                writer.Write(number);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Where from; not trusted.</param>
    /// <param name="headCount">Heads of the cache.</param>
    /// <exception cref="InvalidDataException">These are no statistics of so many heads.</exception>
    public static ScorerStatistics? Read(BinaryReader reader, int headCount)
    {
        int heads = reader.ReadInt32();
        if (heads == 0)
            return null;
        if (heads != headCount)
            throw new InvalidDataException("the statistics are of another number of heads");
        double[][] numbers = new double[heads][];
        for (int head = 0; head < heads; head++)
            numbers[head] = ReadHead(reader);
        return new ScorerStatistics(numbers);
    }

    private static double[] ReadHead(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count is < 0 or > ScorerStatistics.MaximumNumbers)
            throw new InvalidDataException("the statistics of a head are larger than any");
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = reader.ReadDouble();
            if (!double.IsFinite(numbers[i]))
                throw new InvalidDataException("the statistics hold no number");
        }

        return numbers;
    }
}
