using Spectre.Console;

namespace KvNorm.Cli.LineEditing;

/// <summary>Where messages of a terminal come from: the editor, or plain lines where the terminal cannot be drawn on.</summary>
internal sealed class MessageInput : IDisposable
{
    private const string Green = "\u001B[1;32m";

    private readonly MessageReader? _editor;
    private bool _wasInterrupted; // at an empty prompt, and nothing was entered since

    private MessageInput(MessageReader? editor)
    {
        _editor = editor;
        if (editor is null)
            return;
        Console.Write(KeyReader.BeginMarkingPaste); // also while an answer is written: what is pasted then is read after it
        Console.CancelKeyPress += OnInterrupt;
    }

    /// <summary>Opens it, with the history of earlier runs.</summary>
    /// <param name="commands">The words that the Tab key completes.</param>
    public static MessageInput Open(IReadOnlyList<string> commands)
    {
        Capabilities terminal = AnsiConsole.Profile.Capabilities;
        if (!terminal.Ansi)
            return new MessageInput(null);
        HistoryFile? file = UserFolders.History is { } path ? new HistoryFile(path) : null;
        History history = Load(file);
        string colour = terminal.ColorSystem == ColorSystem.NoColors ? "" : Green;
        return new MessageInput(new MessageReader(history, file, colour, Completions));

        IReadOnlyList<string> Completions(string text) =>
            text.StartsWith('/') ? [.. commands.Where(command => command.StartsWith(text, StringComparison.Ordinal))] : [];
    }

    /// <summary>Waits for a message, with its quotation marks; null where the user leaves.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken) =>
        // A read that has begun cannot be cancelled; the end of the program ends it.
        await Task.Run(() => _editor is null ? ReadLine() : ReadMessage(), CancellationToken.None).WaitAsync(cancellationToken);

    /// <summary>Leaves the terminal as it was.</summary>
    public void Dispose()
    {
        if (_editor is null)
            return;
        Console.CancelKeyPress -= OnInterrupt;
        Console.Write(KeyReader.EndMarkingPaste);
    }

    // Ctrl+C is a key at the prompt, and stops what runs. In the moment between it would end the program.
    private static void OnInterrupt(object? sender, ConsoleCancelEventArgs e) => e.Cancel = true;

    private static string? ReadLine()
    {
        Console.Write("> ");
        return Console.ReadLine();
    }

    private string? ReadMessage()
    {
        while (true)
        {
            string? message = _editor!.Read(out EditOutcome outcome);
            bool isInterrupted = outcome == EditOutcome.Interrupted && _editor.IsEmpty;
            if (outcome == EditOutcome.EndOfInput || (isInterrupted && _wasInterrupted))
                return null;
            _wasInterrupted = isInterrupted;
            if (message is not null)
                return message;
            if (isInterrupted)
                AnsiConsole.MarkupLine("[dim]Ctrl+D or /exit leaves, and so does Ctrl+C once more.[/]");
        }
    }

    private static History Load(HistoryFile? file)
    {
        try
        {
            return file?.Load() ?? new History(HistoryFile.MaximumEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AnsiConsole.MarkupLine($"[dim]{Markup.Escape(UserErrors.Sentence(e))}[/]");
            return new History(HistoryFile.MaximumEntries);
        }
    }
}
