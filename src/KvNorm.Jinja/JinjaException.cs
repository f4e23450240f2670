namespace KvNorm.Jinja;

/// <summary>A template that cannot be read or run, that uses more than it may, or that refuses what it is given.</summary>
public sealed class JinjaException : Exception
{
    internal JinjaException(string message, int line, bool raisedByTemplate = false)
        : base(message)
    {
        Line = line;
        RaisedByTemplate = raisedByTemplate;
    }

    /// <summary>Gets the line of the template, from 1.</summary>
    public int Line { get; }

    /// <summary>
    /// Gets whether the template raised it by itself (raise_exception): then its variables do not suit it, and the message is the
    /// template's. Otherwise the message begins with the line.
    /// </summary>
    public bool RaisedByTemplate { get; }

    internal static JinjaException At(int line, string what) => new($"line {line}: {what}", line);
}
