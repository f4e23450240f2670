namespace KvNorm;

/// <summary>A chat template that cannot be read or run, or that refuses the conversation.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, with its line.</param>
    /// <param name="line">The line of the template, from 1; 0 when it is no line's fault.</param>
    /// <param name="raisedByTemplate">Whether the template itself raised it, with its own message.</param>
    /// <param name="innerException">What the template's interpreter threw, if it did.</param>
    public ChatTemplateException(string message, int line, bool raisedByTemplate = false, Exception? innerException = null)
        : base(message, innerException)
    {
        Line = line;
        RaisedByTemplate = raisedByTemplate;
    }

    /// <summary>Gets the line of the template, from 1; 0 when it is no line's fault.</summary>
    public int Line { get; }

    /// <summary>
    /// Gets whether the template raised it (raise_exception): then the conversation does not suit the template, and the message is the
    /// template's.
    /// </summary>
    public bool RaisedByTemplate { get; }
}
