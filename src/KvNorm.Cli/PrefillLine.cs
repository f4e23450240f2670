using System.Globalization;

namespace KvNorm.Cli;

/// <summary>
/// The line that stands on the terminal while a prompt is read: how far that is, for how long it has taken and will take. It moves every
/// second, since a large model takes longer for one batch.
/// </summary>
internal sealed class PrefillLine : IProgress<PrefillProgress>, IDisposable
{
    private const int WorthALine = 64; // tokens; fewer are read before anybody has seen it
    private const int EnoughForAnEstimate = 128; // tokens; a first batch may be a few only
    private const string ToLineStart = "\r", EraseToLineEnd = "\u001B[K";

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly TextWriter _output;
    private readonly int _width;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new(); // reports come from the thread that decodes
    private PrefillProgress? _first, _last;
    private long _begun, _reported; // timestamps
    private bool _isShown, _isOver;

    /// <summary>Shows nothing until there is something to tell.</summary>
    /// <param name="output">The terminal.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="time">Tells the time.</param>
    public PrefillLine(TextWriter output, int width, TimeProvider time)
    {
        (_output, _width, _time) = (output, width, time);
        _timer = time.CreateTimer(static line => ((PrefillLine)line!).Draw(), this, Tick, Tick);
    }

    /// <inheritdoc/>
    public void Report(PrefillProgress value)
    {
        lock (_gate)
        {
            _reported = _time.GetTimestamp();
            if (_first is null)
                (_first, _begun) = (value, _reported);
            _last = value;
        }

        Draw();
    }

    /// <summary>Takes it away for good, before anything else is written.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_isShown)
                _output.Write(ToLineStart + EraseToLineEnd);
            (_isShown, _isOver) = (false, true);
        }
    }

    /// <summary>Takes it away.</summary>
    public void Dispose()
    {
        End();
        _timer.Dispose();
    }

    private void Draw()
    {
        lock (_gate)
        {
            if (_isOver || _first is not { } first || _last is not { } last || last.Total - first.Prefilled < WorthALine)
                return;
            string line = Describe(first, last);
            _output.Write(ToLineStart + line[..Math.Min(line.Length, _width - 1)] + EraseToLineEnd);
            _output.Flush();
            _isShown = true;
        }
    }

    private string Describe(PrefillProgress first, PrefillProgress last)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"Reading {last.Prefilled:N0} of {last.Total:N0} tokens");
        TimeSpan elapsed = _time.GetElapsedTime(_begun);
        if (elapsed >= Tick)
            line += $" for {Describe(elapsed)}";
        int done = last.Prefilled - first.Prefilled;
        if (done < EnoughForAnEstimate)
            return line;
        TimeSpan left = _time.GetElapsedTime(_begun, _reported) / done * (last.Total - last.Prefilled) - _time.GetElapsedTime(_reported);
        return $"{line}, {Describe(left < Tick ? Tick : left)} left";
    }

    private static string Describe(TimeSpan time) => time.TotalMinutes >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");
}
