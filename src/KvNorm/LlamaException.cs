namespace KvNorm;

/// <summary>A call into llama.cpp failed. Says which function, with which code, and what can be done.</summary>
public sealed class LlamaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="function">The native function that failed, in its C spelling.</param>
    /// <param name="code">What the function returned; 0 when it returns a pointer and gave none.</param>
    /// <param name="message">What happened and what to do about it.</param>
    public LlamaException(string function, int code, string message)
        : base($"{function} failed ({code}): {message}")
    {
        Function = function;
        Code = code;
    }

    /// <summary>Gets the native function that failed, in its C spelling.</summary>
    public string Function { get; }

    /// <summary>Gets what the function returned; 0 when it returns a pointer and gave none.</summary>
    public int Code { get; }
}
