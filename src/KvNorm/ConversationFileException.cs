namespace KvNorm;

/// <summary>A saved conversation that cannot be loaded, or one too long to be saved. Nothing was changed.</summary>
public sealed class ConversationFileException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the file.</param>
    /// <param name="innerException">What was found out about it, if there is more.</param>
    public ConversationFileException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
