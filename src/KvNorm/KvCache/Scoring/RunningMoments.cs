namespace KvNorm.KvCache.Scoring;

/// <summary>Mean and standard deviation of a stream of numbers (Welford 1962).</summary>
internal struct RunningMoments
{
    /// <summary>How many numbers <see cref="ToNumbers"/> gives.</summary>
    public const int Numbers = 3;

    private const double Epsilon = 1e-6; // keeps equal numbers from dividing by zero

    private double _count, _mean, _squares;

    public static RunningMoments From(ReadOnlySpan<double> numbers) =>
        new() { _count = numbers[0], _mean = numbers[1], _squares = numbers[2] };

    public readonly double[] ToNumbers() => [_count, _mean, _squares];

    public void Add(ReadOnlySpan<float> numbers)
    {
        foreach (float number in numbers)
        {
            double before = number - _mean;
            _mean += before / ++_count;
            _squares += before * (number - _mean);
        }
    }

    /// <summary>How many standard deviations a number lies above the mean.</summary>
    public readonly float Standardise(float number) => (float)((number - _mean) / (Math.Sqrt(_squares / Math.Max(1, _count)) + Epsilon));
}
