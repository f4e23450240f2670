using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>What is known of the terminal.</summary>
internal static class Terminal
{
    private const int UsualWidth = 80, UsualHeight = 24; // of one that does not tell
    private const int PipeWidth = 1000; // a line that a program reads, or a file keeps, is not broken

    /// <summary>Gets its columns.</summary>
    public static int Width => Console.WindowWidth is > 0 and var width ? width : UsualWidth;

    /// <summary>Gets its rows.</summary>
    public static int Height => Console.WindowHeight is > 0 and var height ? height : UsualHeight;

    /// <summary>Gets whether a person can be asked there.</summary>
    public static bool CanAsk => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>
    /// Writes no escape sequences and breaks no lines where standard output is a file or a pipe, whatever terminal is there for the input.
    /// </summary>
    public static void WritePlainWhereRedirected()
    {
        if (!Console.IsOutputRedirected)
            return;
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        AnsiConsole.Profile.Width = PipeWidth;
    }
}
