using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>The commands within a chat on a terminal.</summary>
internal sealed class SlashCommands
{
    private const string Keys = """"
        Type a message and press Enter. Alt+Enter begins a new line, and so does Enter after """ until the next """.
        Several lines that are pasted are one message. The arrow keys fetch earlier messages; Tab completes a command.
        Ctrl+C stops an answer or a command; Ctrl+D leaves. A message that begins with a space is not kept in the history.
        """";

    private readonly KvNormChatClient _client;
    private readonly ChatSession _session;

    /// <summary>Makes them.</summary>
    /// <param name="client">The client, for what it holds.</param>
    /// <param name="session">The conversation.</param>
    /// <param name="retry">Answers the last message anew.</param>
    public SlashCommands(KvNormChatClient client, ChatSession session, Func<CancellationToken, Task> retry)
    {
        (_client, _session) = (client, session);
        All =
        [
            new("/help", "", "shows this", Now(Help)),
            new("/retry", "", "answers the last message anew", (_, cancelled) => retry(cancelled)),
            new("/attach", "FILE", "has a file of text go with the next message", AttachAsync),
            new("/system", "[TEXT]", "shows or changes the system prompt; \"\" for none", Now(SystemPrompt)),
            new("/set", "[NAME VALUE]", "shows or changes how answers are sampled", Now(Set)),
            new("/memory", "", "shows the conversation, coloured by how much of each token is still held", Now(Memory)),
            new("/save", "FILE", "saves the conversation, with what is held of it", SaveAsync),
            new("/load", "FILE", "goes on with a saved conversation", LoadAsync),
            new("/reset", "", "begins a new conversation", Now(Reset)),
            new("/exit", "", "leaves", Now(_ => IsOver = true)),
            new("/quit", "", "leaves, too", Now(_ => IsOver = true)),
        ];
    }

    /// <summary>Gets all of them.</summary>
    public IReadOnlyList<SlashCommand> All { get; }

    /// <summary>Gets whether the user wants to leave.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Runs what was entered, if it is a command; what stands in quotation marks is none.</summary>
    /// <returns>Whether it is.</returns>
    /// <exception cref="ArgumentException">There is no such command, or it cannot be done.</exception>
    public async Task<bool> TryRunAsync(string entered, CancellationToken cancellationToken)
    {
        if (SlashCommand.Split(entered) is not var (name, argument))
            return false;
        SlashCommand command = All.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"There is no command {name}; /help shows those there are. With a space before it, it is sent as a message.");
        if (argument.Length == 0 && command.Argument is [not '[', ..])
            throw new ArgumentException($"{command.Name} needs a {command.Argument}.");
        await command.RunAsync(argument, cancellationToken);
        return true;
    }

    private static Func<string, CancellationToken, Task> Now(Action<string> run) => (argument, _) =>
    {
        run(argument);
        return Task.CompletedTask;
    };

    private static void Say(string text) => AnsiConsole.MarkupLine($"[dim]{Markup.Escape(TerminalChat.Printable(text))}[/]");

    private void Help(string argument)
    {
        Console.WriteLine(Keys);
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddColumn();
        foreach (SlashCommand command in All)
            grid.AddRow(new Text($"  {command.Name} {command.Argument}".TrimEnd()), new Text(command.Description));
        AnsiConsole.Write(grid);
    }

    private async Task AttachAsync(string path, CancellationToken cancellationToken)
    {
        // Apart: a pipe that nobody writes into keeps its reader, and may be given up.
        AttachedFile file = await Task.Run(() => AttachedFile.Read(UserFolders.Unquote(path)), CancellationToken.None)
            .WaitAsync(cancellationToken);
        _session.Attach(file);
        Say($"{file.Name}, {file.Text.Length:N0} characters, goes with the next message.");
    }

    private void SystemPrompt(string text)
    {
        if (text.Length > 0)
            _session.SystemPrompt = text == "\"\"" ? "" : text;
        Say(_session.SystemPrompt.Length == 0 ? "There is no system prompt." : $"The system prompt: {_session.SystemPrompt}");
    }

    private void Set(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            ShowSettings();
            return;
        }

        ChatSetting setting = ChatSetting.Named(words[0]);
        if (words.Length > 2)
            throw new ArgumentException($"/set takes a name and a value, such as /set {setting.Name} {setting.Default ?? 1}.");
        if (words.Length == 2)
            setting.Apply(_session.Options, words[1]);
        Say($"{setting.Name} is {setting.Show(_session.Options)}.");
    }

    private void ShowSettings()
    {
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddColumn();
        foreach (ChatSetting setting in ChatSetting.All)
        {
            grid.AddRow(
                new Text(setting.Name), new Text(setting.Show(_session.Options)), new Text($"{setting.Description}; {setting.Range}"));
        }

        AnsiConsole.Write(grid);
    }

    private void Memory(string argument) => MemoryView.Show(_session.Turns == 0 ? [] : _client.GetRetention());

    private async Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        string full = UserFolders.Expand(UserFolders.Unquote(path));
        SavedConversation.RequireReplaceable(full);
        await _session.SaveAsync(full, cancellationToken);
        string missing = _session.IsKept ? "" : " The answer that was stopped, and its message, are not in it.";
        Say($"Saved {new FileInfo(full).Length / (double)(1 << 20):0.#} MiB; /load goes on with it.{missing}");
    }

    private async Task LoadAsync(string path, CancellationToken cancellationToken)
    {
        string full = UserFolders.Expand(UserFolders.Unquote(path));
        if (Directory.Exists(full))
            throw new IOException($"'{path}' is a folder; name a file.");
        await _session.LoadAsync(full, cancellationToken);
        Say($"The conversation goes on after {_session.Turns} {(_session.Turns == 1 ? "answer" : "answers")}. {LastWords()}");
    }

    private string LastWords()
    {
        const int Shown = 200; // characters
        string last = _session.LastText;
        return last.Length == 0 ? "" : $"The last words: {(last.Length > Shown ? "…" + last[^Shown..] : last)}";
    }

    private void Reset(string argument)
    {
        _session.Reset();
        Say("A new conversation begins.");
    }
}
