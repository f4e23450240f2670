using System.CommandLine;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>`kvnorm chat`: a conversation on the terminal, or line by line through a pipe.</summary>
internal sealed class ChatCommand
{
    private const string DefaultSystem = "You are a helpful AI assistant.";

    private readonly ModelOptions _model = new();
    private readonly Option<string?> _system = new("--system")
    {
        Description = $"The system prompt; it is never evicted (default \"{DefaultSystem}\").",
        HelpName = "TEXT",
    };
    private readonly Option<string?> _systemFile = new("--system-file")
    {
        Description = "A file with the system prompt, instead of --system.",
        HelpName = "PATH",
    };
    private readonly Option<string[]> _files = new("--file")
    {
        Description = "A file of text that goes with the first message; may be given several times.",
        HelpName = "PATH",
    };
    private readonly Option<bool> _json = new("--json")
    {
        Description = "With messages from a pipe or file: one JSON object per turn, and nothing else, on standard output.",
    };

    // The seed is an option of the model as well, since it is the policy's, too.
    private readonly (ChatSetting Setting, Option<double?> Option)[] _settings =
        [.. ChatSetting.All.Where(static setting => setting.Name != "seed").Select(static setting => (setting, OptionOf(setting)))];

    private ChatCommand()
    {
    }

    public static Command Create()
    {
        ChatCommand chat = new();
        Command command = new(
            "chat",
            "Chat with a model: on a terminal, where /help helps, or through a pipe, where each line is a message.");
        chat._model.AddTo(command);
        command.Add(chat._system);
        command.Add(chat._systemFile);
        command.Add(chat._files);
        foreach ((_, Option<double?> option) in chat._settings)
            command.Add(option);
        command.Add(chat._json);
        command.SetAction((parsed, _) => chat.RunAsync(parsed));
        return command;
    }

    /// <summary>The option of a setting.</summary>
    internal static Option<double?> OptionOf(ChatSetting setting) => new($"--{setting.Name}")
    {
        Description = $"{char.ToUpperInvariant(setting.Description[0])}{setting.Description[1..]} (default {setting.Default}).",
        HelpName = "N",
    };

    private async Task<int> RunAsync(ParseResult parsed)
    {
        ChatArguments arguments = Read(parsed);
        bool json = parsed.GetValue(_json), terminal = !Console.IsInputRedirected && !json;
        using Termination end = new(withInterrupt: !terminal); // on a terminal Ctrl+C stops an answer
        try
        {
            return terminal
                ? await TerminalChat.RunAsync(arguments, end.Token)
                : await PipedChat.RunAsync(arguments, json, end.Token);
        }
        catch (OperationCanceledException) when (end.ExitCode is { } code)
        {
            return code;
        }
    }

    private ChatArguments Read(ParseResult parsed)
    {
        KvNormChatOptions model = _model.Read(parsed);
        ChatOptions sampling = new() { Seed = _model.Seed(parsed) };
        foreach ((ChatSetting setting, Option<double?> option) in _settings)
            setting.Apply(sampling, parsed.GetValue(option), option.Name);
        return new ChatArguments(model, sampling, SystemPrompt(parsed), [.. (parsed.GetValue(_files) ?? []).Select(AttachedFile.Read)]);
    }

    private string SystemPrompt(ParseResult parsed) => (parsed.GetValue(_system), parsed.GetValue(_systemFile)) switch
    {
        (not null, not null) => throw new ArgumentException("Give --system or --system-file, not both."),
        (null, { } path) => AttachedFile.ReadText(path).Trim(),
        var (text, _) => text ?? DefaultSystem,
    };
}
