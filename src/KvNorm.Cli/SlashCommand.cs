namespace KvNorm.Cli;

/// <summary>A command within a chat.</summary>
/// <param name="Name">With its slash.</param>
/// <param name="Argument">What follows it, for the help; empty for nothing.</param>
/// <param name="Description">What it does.</param>
/// <param name="RunAsync">Does it, with what was written behind the name.</param>
internal sealed record SlashCommand(
    string Name, string Argument, string Description, Func<string, CancellationToken, Task> RunAsync)
{
    /// <summary>
    /// Splits what was entered into a command, which is a slash and letters, and what follows it. A message may begin with a path, a
    /// comment of code, or a space and a slash.
    /// </summary>
    /// <returns>Null where it is a message.</returns>
    public static (string Name, string Argument)? Split(string entered)
    {
        if (!entered.StartsWith('/'))
            return null;
        string[] words = entered.Split((char[])[' ', '\n'], 2);
        return words[0].Skip(1).All(char.IsAsciiLetter) ? (words[0], words.Length > 1 ? words[1].Trim() : "") : null;
    }
}
