namespace KvNorm;

/// <summary>What a scorer has learnt from a conversation.</summary>
/// <param name="Heads">The scorer's numbers for each (layer, head) pair; none for one that was never scored.</param>
internal sealed record ScorerStatistics(double[][] Heads)
{
    private const int MostNumbers = 8192; // of a head: more than the longest key has

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">These are no statistics of so many heads.</exception>
    public static ScorerStatistics? Read(BinaryReader reader, int headCount)
    {
        int heads = reader.ReadInt32();
        if (heads != 0 && heads != headCount)
            throw new InvalidDataException("the statistics are of another number of heads");
        double[][] numbers = new double[heads][];
        for (int head = 0; head < heads; head++)
        {
            int count = reader.ReadInt32();
            if (count is < 0 or > MostNumbers)
                throw new InvalidDataException("the statistics of a head are larger than any");
            numbers[head] = new double[count];
            for (int i = 0; i < count; i++)
            {
                numbers[head][i] = reader.ReadDouble();
                if (!double.IsFinite(numbers[head][i]))
                    throw new InvalidDataException("the statistics hold no number");
            }
        }

        return heads == 0 ? null : new ScorerStatistics(numbers);
    }

    public static void Write(BinaryWriter writer, ScorerStatistics? statistics)
    {
        writer.Write(statistics?.Heads.Length ?? 0);
        foreach (double[] head in statistics?.Heads ?? [])
        {
            writer.Write(head.Length);
            foreach (double number in head)
                writer.Write(number);
        }
    }
}
