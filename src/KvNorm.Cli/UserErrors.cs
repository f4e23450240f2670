namespace KvNorm.Cli;

/// <summary>
/// Which exceptions are the user's to mend and are shown as a sentence; all others are defects and keep their stack trace.
/// </summary>
internal static class UserErrors
{
    public static bool IsExpected(Exception e) =>
        e is IOException or InvalidDataException or UnauthorizedAccessException or LlamaException or KvCacheBudgetException
            or ConversationFileException or ChatTemplateException or DllNotFoundException or NotSupportedException or ArgumentException
            or FormatException;

    /// <summary>
    /// The message without what the framework appends to it, and without what would steer a terminal: it may quote a stranger's file.
    /// </summary>
    public static string Sentence(Exception e)
    {
        string message = e.Message;
        int suffix = e is ArgumentException ? message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return TerminalChat.Printable(suffix < 0 ? message : message[..suffix]);
    }
}
