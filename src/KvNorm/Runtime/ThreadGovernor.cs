namespace KvNorm.Runtime;

/// <summary>How one decode is run.</summary>
/// <param name="Threads">CPU threads.</param>
/// <param name="Limit">When to break it off and run it again with fewer threads; null for never.</param>
internal readonly record struct DecodePlan(int Threads, TimeSpan? Limit);

/// <summary>
/// Chooses how many threads decode. llama.cpp's threads spin at hundreds of barriers per token: as soon as another process wants a core,
/// all of them wait for the one that is not scheduled, and a token takes up to a hundred times as long with all cores as with one fewer. So
/// the time of every decode is watched. When it has grown, one step fewer is tried; what takes far too long is broken off and run again
/// with fewer; and with fewer threads, now and then one step more is tried, for little longer than a decode takes anyway, so that trials
/// cost a few percent at most. It begins with one decode on the fewest threads and some on all. From then on nothing is tried on an idle
/// machine: the same threads compute every token. Not safe for concurrent use.
/// </summary>
internal sealed class ThreadGovernor
{
    private const double Slower = 1.6; // than usual: something else wants the cores
    private const double TooSlow = 5; // than expected: not worth waiting for
    private const double Better = 0.97; // of the time with other threads: a gain, not noise
    private const double Recent = 0.3, Usual = 0.02; // weights of the newest time in the moving averages
    private const int Attempts = 3; // at more threads, whose first decode may have to start them
    private const int FirstPause = 6; // times what a trial that failed has cost, before the next; doubled with each that fails
    private const int Doublings = 3; // so that trials cost some 2 % in the end
    private const int Certain = 2; // failures in a row that are no accident
    private const int SizeClasses = 5; // of batches: 1, 2 to 3, 4 to 7, 8 to 15, more; only decodes of one class are compared

    private static readonly TimeSpan MinimumPause = TimeSpan.FromSeconds(0.1), MaximumPause = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock;
    private readonly int[] _steps; // numbers of threads, falling
    private readonly double[,] _recent; // (size classes, steps): milliseconds of a decode lately; NaN: not known; infinity: broken off
    private readonly double[] _usual = new double[SizeClasses]; // milliseconds of a decode with the current threads over a longer time
    private int _current, _tried; // steps; the same unless there is a trial
    private int _attempt; // of the trial that goes on
    private int _failures; // of more threads, in a row
    private int _size; // the class of the running decode
    private long _nextTrial; // a timestamp

    /// <summary>Knows nothing yet.</summary>
    /// <param name="maximum">Threads on an idle machine.</param>
    /// <param name="minimum">Threads that are never gone below; equal to <paramref name="maximum"/> for a fixed number.</param>
    /// <param name="clock">Null for the system's.</param>
    public ThreadGovernor(int maximum, int minimum, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        _steps = [.. Steps(maximum, minimum)];
        _recent = new double[SizeClasses, _steps.Length];
        Forget();
    }

    /// <summary>How to run the next decode.</summary>
    /// <param name="tokens">Tokens of its batch, at least 1.</param>
    public DecodePlan Plan(int tokens)
    {
        _size = Math.Min(SizeClasses - 1, int.Log2(tokens));
        if (_size == 0 && double.IsNaN(_recent[0, 0]) && double.IsNaN(_recent[0, _steps.Length - 1]))
            _current = _steps.Length - 1;
        if (_steps.Length == 1 || _size == SizeClasses - 1)
            return new DecodePlan(_steps[PrefillStep()], null);
        if (double.IsNaN(Current))
            _attempt = 0; // of another size of batch
        if (_attempt == 0)
            _tried = IsTrialDue() ? NextTrial() : _current;
        return new DecodePlan(_steps[_tried], Limit());
    }

    /// <summary>Takes how the planned decode went.</summary>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="brokenOff">Whether it was broken off at its limit; it must be planned and run again then.</param>
    public void Observe(TimeSpan elapsed, bool brokenOff)
    {
        if (_steps.Length == 1 || _size == SizeClasses - 1)
            return;
        double milliseconds = elapsed.TotalMilliseconds;
        if (_tried != _current)
            Judge(milliseconds, brokenOff);
        else if (brokenOff)
            MoveTo(_current + 1, failures: 1);
        else
            _usual[_size] = Average(_usual[_size], milliseconds, Usual);
        ref double recent = ref _recent[_size, _tried];
        if (brokenOff)
            recent = double.PositiveInfinity;
        else
            recent = _tried == _current ? Average(recent, milliseconds, Recent) : milliseconds;
    }

    /// <summary>Steps of about a quarter, and one near either end, where one thread matters.</summary>
    internal static IEnumerable<int> Steps(int maximum, int minimum)
    {
        yield return maximum;
        for (int threads = maximum - 1; threads >= minimum; threads = Math.Min(threads - 1, threads * 3 / 4))
            yield return threads;
    }

    private double Current => _recent[_size, _current];

    private bool IsTrialDue() => !double.IsNaN(Current) && _clock.GetTimestamp() >= _nextTrial && NextTrial() != _current;

    // Fewer threads where decodes have become slow; else more, if there are more. At the very first all.
    private int NextTrial()
    {
        if (_size == 0 && double.IsNaN(_recent[0, 0]))
            return 0;
        bool isSlow = Current > Slower * _usual[_size];
        return isSlow && _current < _steps.Length - 1 ? _current + 1 : Math.Max(0, _current - 1);
    }

    // A trial with a large batch is dear, so prefill follows what single tokens have shown. It gains by threads that do nothing for a
    // token.
    private int PrefillStep()
    {
        if (_failures < Certain)
            return 0;
        double bearable = Slower * _recent[0, _current];
        for (int step = 0; step < _current; step++)
        {
            if (_recent[0, step] <= bearable)
                return step;
        }

        return _current;
    }

    private TimeSpan? Limit()
    {
        if (_tried == _steps.Length - 1)
            return null; // the last resort
        double limit = _tried < _current ? Slower * Current : TooSlow * Expected();
        return double.IsNaN(limit) ? null : TimeSpan.FromMilliseconds(limit);
    }

    // Of this size of batch, or at most, by the tokens, of a smaller one.
    private double Expected()
    {
        if (!double.IsNaN(Current))
            return Current;
        int known = _size;
        while (known > 0 && double.IsNaN(_usual[known]))
            known--;
        return _usual[known] * (known == _size ? 1 : 2 << (_size - known));
    }

    private void Judge(double milliseconds, bool brokenOff)
    {
        bool isBetter = !brokenOff && milliseconds < Better * Current;
        if (!isBetter && !brokenOff && _tried < _current && ++_attempt < Attempts)
            return;
        _attempt = 0;
        if (isBetter)
        {
            MoveTo(_tried, failures: 0);
            _usual[_size] = milliseconds;
            return;
        }

        if (_tried < _current)
            _failures++;
        else
            _usual[_size] = Current; // fewer threads are no better, so this is what decodes take now
        Pause(brokenOff ? milliseconds : Math.Max(0, milliseconds - Current));
    }

    // Every size of batch is measured anew with these threads.
    private void MoveTo(int step, int failures)
    {
        _failures = failures;
        Pause(Expected());
        _current = step;
        for (int size = 0; size < SizeClasses; size++)
            _recent[size, step] = double.NaN;
    }

    private void Pause(double lostMilliseconds)
    {
        double once = Math.Max(FirstPause * lostMilliseconds / 1000, MinimumPause.TotalSeconds);
        double seconds = Math.Min(once * (1 << Math.Clamp(_failures - 1, 0, Doublings)), MaximumPause.TotalSeconds);
        _nextTrial = _clock.GetTimestamp() + (long)(seconds * _clock.TimestampFrequency);
    }

    private void Forget()
    {
        Array.Fill(_usual, double.NaN);
        for (int size = 0; size < SizeClasses; size++)
        {
            for (int step = 0; step < _steps.Length; step++)
                _recent[size, step] = double.NaN;
        }
    }

    private static double Average(double average, double newest, double weight) =>
        double.IsNaN(average) ? newest : average + (weight * (newest - average));
}
