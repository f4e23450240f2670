namespace KvNorm.KvCache.Scoring;

/// <summary>Mean and standard deviation of a stream of numbers that comes in parts.</summary>
internal struct RunningMoments
{
    /// <summary>How many numbers <see cref="ToNumbers"/> gives.</summary>
    public const int Numbers = 3;

    private const double Epsilon = 1e-6; // keeps equal numbers from dividing by zero

    private double _count, _mean, _squares;

    /// <summary>Gets the standard deviation; 0 of no numbers.</summary>
    public readonly double Deviation => Math.Sqrt(_squares / Math.Max(1, _count));

    public static RunningMoments From(ReadOnlySpan<double> numbers) =>
        new() { _count = numbers[0], _mean = numbers[1], _squares = numbers[2] };

    public readonly double[] ToNumbers() => [_count, _mean, _squares];

    /// <summary>Takes in the next numbers.</summary>
    public void Add(ReadOnlySpan<float> numbers)
    {
        if (numbers.IsEmpty)
            return;
        if (_count == 0)
            _mean = numbers[0];
        double sum = 0, squares = 0; // of how far the numbers lie from the mean so far
        foreach (float number in numbers)
        {
            double apart = number - _mean;
            sum += apart;
            squares += apart * apart;
        }

        _count += numbers.Length;
        _mean += sum / _count;
        _squares += squares - (sum * sum / _count);
    }

    /// <summary>Adds to each sum how many standard deviations its number lies above the mean.</summary>
    /// <param name="numbers">(rows).</param>
    /// <param name="sums">(rows), changed in place.</param>
    public readonly void AddStandardised(ReadOnlySpan<float> numbers, Span<float> sums)
    {
        double scale = 1 / (Deviation + Epsilon);
        for (int i = 0; i < numbers.Length; i++)
            sums[i] += (float)((numbers[i] - _mean) * scale);
    }
}
