using System.CommandLine;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>`kvnorm chat`: a conversation on the terminal, or line by line through a pipe.</summary>
internal static class ChatCommand
{
    private const string DefaultSystem = "You are a helpful AI assistant.";

    public static Command Create()
    {
        ModelOptions model = new();
        Option<string> system = new("--system")
        {
            Description = "The system prompt; it is never evicted.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => DefaultSystem,
        };
        Option<float?> temperature = new("--temperature")
        {
            Description = "0 always takes the most likely token (default 0.7).",
            HelpName = "T",
        };
        Option<int?> maxTokens = new("--max-tokens") { Description = "The longest answer, in tokens (default 1024).", HelpName = "N" };
        Option<bool> json = new("--json")
        {
            Description = "With messages from a pipe or file: one JSON object per turn, and nothing else, on standard output.",
        };
        Command command = new(
            "chat",
            "Chat with a model. On a terminal: type, /help helps. Otherwise: one message per line of standard input, "
            + "one answer per message. SIGTERM, SIGHUP and, without a terminal, SIGINT stop the answer and end the program with exit code "
            + "143, 129 and 130; it ends with 141 where nobody reads its answers any more.");
        model.AddTo(command);
        command.Add(system);
        command.Add(temperature);
        command.Add(maxTokens);
        command.Add(json);
        command.SetAction(async (parsed, _) =>
        {
            KvNormChatOptions options = model.Read(parsed);
            ModelOptions.RequireAtLeast(parsed.GetValue(maxTokens), 1, "--max-tokens");
            if (parsed.GetValue(temperature) is { } t && !(t >= 0 && t < 100))
                throw new ArgumentException($"--temperature must be at least 0 and below 100; it is {t}.");
            ChatOptions chat = new()
            {
                Instructions = parsed.GetValue(system),
                Temperature = parsed.GetValue(temperature),
                Seed = model.Seed(parsed),
                MaxOutputTokens = parsed.GetValue(maxTokens),
            };
            bool terminal = !Console.IsInputRedirected && !parsed.GetValue(json);
            using Termination end = new(withInterrupt: !terminal); // on a terminal Ctrl+C stops an answer
            try
            {
                return terminal
                    ? await TerminalChat.RunAsync(options, chat, end.Token)
                    : await PipedChat.RunAsync(options, chat, parsed.GetValue(json), end.Token);
            }
            catch (OperationCanceledException) when (end.ExitCode is { } code)
            {
                return code;
            }
        });
        return command;
    }
}
