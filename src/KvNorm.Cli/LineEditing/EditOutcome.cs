namespace KvNorm.Cli.LineEditing;

/// <summary>What a key stroke made of the message that is being written.</summary>
internal enum EditOutcome
{
    /// <summary>It is still being written.</summary>
    Going,

    Entered,
    Interrupted,
    EndOfInput,
}
