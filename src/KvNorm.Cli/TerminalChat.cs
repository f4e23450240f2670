using KvNorm.Cli.LineEditing;
using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>The conversation on a terminal.</summary>
internal sealed class TerminalChat
{
    private readonly KvNormChatClient _client;
    private readonly ChatSession _session;
    private readonly SlashCommands _commands;

    private TerminalChat(KvNormChatClient client, ChatArguments arguments)
    {
        _client = client;
        _session = new ChatSession(client, arguments.Sampling, arguments.System);
        foreach (AttachedFile file in arguments.Files)
            _session.Attach(file);
        _commands = new SlashCommands(client, _session, cancelled => AnswerAsync(_session.RetryAsync, cancelled));
    }

    public static async Task<int> RunAsync(ChatArguments arguments, CancellationToken cancellationToken)
    {
        using KvNormChatClient client = await LoadAsync(arguments.Model, cancellationToken);
        AnsiConsole.MarkupLine(
            $"[bold]{Markup.Escape(client.ModelFacts.Name)}[/] in {MemoryGauge.Describe(client.Statistics)}, "
            + $"policy {arguments.Model.Policy.Name}. [dim]/help helps, Ctrl+D leaves.[/]");
        if (BudgetNote.Of(arguments.Model.KvCacheBudget, client.ModelFacts, client.Statistics.Capacity) is { } note)
            AnsiConsole.MarkupLine($"[yellow]{Markup.Escape(note)}[/]");
        await new TerminalChat(client, arguments).ConverseAsync(cancellationToken);
        return 0;
    }

    private static async Task<KvNormChatClient> LoadAsync(KvNormChatOptions options, CancellationToken cancellationToken)
    {
        using InterruptScope stop = new(cancellationToken);
        return await AnsiConsole.Status().StartAsync("Loading the model", context =>
            KvNormChatClient.CreateAsync(options, progress: new LoadProgress(context), cancellationToken: stop.Token));
    }

    private async Task ConverseAsync(CancellationToken cancellationToken)
    {
        using MessageInput input = MessageInput.Open([.. _commands.All.Select(static command => command.Name)]);
        while (!_commands.IsOver && await input.ReadAsync(cancellationToken) is { } entered)
        {
            using InterruptScope stop = new(cancellationToken);
            try
            {
                string message = TripleQuotes.Strip(entered).Trim();
                if (message.Length > 0 && !await _commands.TryRunAsync(entered, stop.Token))
                    await AnswerAsync((show, stopped, line) => _session.SendAsync(message, show, stopped, line), stop.Token);
            }
            catch (OperationCanceledException) when (stop.WasInterrupted && !cancellationToken.IsCancellationRequested)
            {
                MemoryGauge.Show(_client.Statistics, null); // what there is of an answer stays
            }
            catch (Exception e) when (UserErrors.IsExpected(e))
            {
                AnsiConsole.MarkupLine($"[red]{Markup.Escape(UserErrors.Sentence(e))}[/]");
            }
        }
    }

    private async Task AnswerAsync(
        Func<Action<string>, CancellationToken, IProgress<PrefillProgress>?, Task<TurnReport>> answerAsync,
        CancellationToken cancellationToken)
    {
        using PrefillLine? line = AnsiConsole.Profile.Capabilities.Ansi
            ? new PrefillLine(Console.Out, Terminal.Width, TimeProvider.System)
            : null;
        bool isShown = false;
        TurnReport report;
        try
        {
            report = await answerAsync(Show, cancellationToken, line);
        }
        finally
        {
            line?.End();
            if (isShown)
                Console.WriteLine();
        }

        MemoryGauge.Show(_client.Statistics, report);
        if (report.Finish == "length")
            AnsiConsole.MarkupLine($"[dim]The answer was cut after {report.OutputTokens} tokens; /set max-tokens allows more.[/]");

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
