using KvNorm.Cli.LineEditing;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>The conversation on a terminal.</summary>
internal static class TerminalChat
{
    private const string Help = """"
        Type a message and press Enter. Alt+Enter begins a new line, and so does Enter between
        """ and """; several lines that are pasted are one message. The arrow keys fetch earlier messages.
        Ctrl+C stops an answer; Ctrl+D or /exit leaves.
          /memory   shows the conversation, coloured by how much of each token is still held
          /reset    begins a new conversation
          /help     shows this
        """";

    private static readonly string[] Commands = ["/exit", "/help", "/memory", "/quit", "/reset"];

    public static async Task<int> RunAsync(KvNormChatOptions options, ChatOptions chat, CancellationToken cancellationToken)
    {
        using KvNormChatClient client = await LoadAsync(options, cancellationToken);
        ChatSession session = new(client, chat);
        using MessageInput input = MessageInput.Open(Commands);
        AnsiConsole.MarkupLine(
            $"[bold]{Markup.Escape(client.ModelFacts.Name)}[/] in {MemoryGauge.Describe(client.Statistics)}, policy {options.Policy.Name}. "
            + "[dim]/help helps, Ctrl+D leaves.[/]");
        while (true)
        {
            switch ((await input.ReadAsync(cancellationToken))?.Trim())
            {
                case null or "/exit" or "/quit":
                    return 0;
                case "":
                    break;
                case "/help":
                    Console.WriteLine(Help);
                    break;
                case "/memory":
                    MemoryView.Show(session.Turns == 0 ? [] : client.GetRetention());
                    break;
                case "/reset":
                    session.Reset();
                    AnsiConsole.MarkupLine("[dim]A new conversation begins.[/]");
                    break;
                case ['/', ..] command:
                    AnsiConsole.MarkupLine($"There is no command [bold]{Markup.Escape(command)}[/]; /help shows those there are.");
                    break;
                case { } message:
                    await AnswerAsync(client, session, message, cancellationToken);
                    break;
            }
        }
    }

    private static async Task<KvNormChatClient> LoadAsync(KvNormChatOptions options, CancellationToken cancellationToken) =>
        await AnsiConsole.Status().StartAsync("Loading the model", context =>
            KvNormChatClient.CreateAsync(options, progress: new LoadProgress(context), cancellationToken: cancellationToken));

    private static async Task AnswerAsync(KvNormChatClient client, ChatSession session, string message, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void OnCtrlC(object? sender, ConsoleCancelEventArgs e)
        {
            e.Cancel = true;
            stop.Cancel();
        }

        bool isShown = false;
        using PrefillLine? line = AnsiConsole.Profile.Capabilities.Ansi
            ? new PrefillLine(Console.Out, Console.WindowWidth, TimeProvider.System)
            : null;
        Console.CancelKeyPress += OnCtrlC;
        try
        {
            TurnReport report = await session.SendAsync(message, Show, stop.Token, line);
            EndLine();
            MemoryGauge.Show(client.Statistics, report);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            EndLine();
            MemoryGauge.Show(client.Statistics, turn: null);
        }
        catch (Exception e) when (UserErrors.IsExpected(e))
        {
            EndLine();
            AnsiConsole.MarkupLine($"[red]{Markup.Escape(UserErrors.Sentence(e))}[/]");
        }
        finally
        {
            Console.CancelKeyPress -= OnCtrlC;
        }

        void EndLine()
        {
            line?.End();
            if (isShown)
                Console.WriteLine();
        }

        void Show(string text)
        {
            line?.End();
            isShown |= text.Length > 0;
            Console.Write(Printable(text));
        }
    }

    /// <summary>Text without characters that would steer the terminal: a model may write anything.</summary>
    internal static string Printable(string text) =>
        text.Any(IsSteering) ? new string([.. text.Select(c => IsSteering(c) ? '\uFFFD' : c)]) : text;

    private static bool IsSteering(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    private sealed class LoadProgress(StatusContext context) : IProgress<float>
    {
        public void Report(float value) => context.Status($"Loading the model {value:P0}");
    }
}
