using System.CommandLine;
using Spectre.Console;

namespace KvNorm.Cli.Models;

/// <summary>`kvnorm pull`: fetches a model file, after it has said what and from where. Nothing else is ever fetched.</summary>
internal static class PullCommand
{
    private static readonly Argument<string> Model = new("model")
    {
        Description = "OWNER/REPO, or OWNER/REPO:FILE where it has several GGUF files.",
        HelpName = "OWNER/REPO[:FILE]",
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "The folder to fetch it into (default: kvnorm/models/OWNER/REPO under $XDG_DATA_HOME).",
        HelpName = "DIR",
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Fetches without asking." };

    public static Command Create()
    {
        Command command = new("pull", "Fetch a GGUF file from Hugging Face, after asking. HF_ENDPOINT and HF_TOKEN are heeded.")
        {
            Model, Out, Yes,
        };
        command.SetAction(static (parsed, _) => RunAsync(parsed));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        HubReference reference = HubReference.Parse(parsed.GetValue(Model)!);
        string folder = Folder(reference, parsed.GetValue(Out));
        using HubConnection connection = HuggingFaceHub.Connect();
        HuggingFaceHub hub = new(connection);
        HubFile file = Choose(reference, await hub.ListAsync(reference, CancellationToken.None));
        string path = Path.GetFullPath(Path.Combine(folder, file.Path));
        ModelDownload download = new(hub, reference, file, path);
        if (await download.IsDoneAsync(CancellationToken.None))
            return Say($"It is there already: {path}");
        Announce(hub, reference, file, path, download.Missing);
        if (!parsed.GetValue(Yes) && !Ask())
            return Say("Nothing was fetched.");
        return await FetchAsync(download, path);
    }

    private static string Folder(HubReference reference, string? given) =>
        given ?? (UserFolders.Models is { } models
            ? Path.Combine(models, reference.Owner, reference.Repository)
            : throw new IOException("There is no home folder for models: name a folder with --out."));

    private static HubFile Choose(HubReference reference, IReadOnlyList<HubFile> files)
    {
        if (reference.File is { } name && files.FirstOrDefault(file => file.Path == name) is { } named)
            return named;
        if (files.Count == 0)
            throw new InvalidDataException($"There is no GGUF file in {reference} that can be fetched.");
        if (reference.File is not null || (files.Count > 1 && !Terminal.CanAsk))
            throw new InvalidDataException($"Name one of the files of {reference}, as in {reference}:{files[0].Path}. There are: "
                + $"{string.Join(", ", files)}.");
        return files.Count == 1
            ? files[0]
            : AnsiConsole.Prompt(new SelectionPrompt<HubFile>()
                .Title("Which file?")
                .AddChoices(files)
                .UseConverter(static file => Markup.Escape($"{file}")));
    }

    private static void Announce(HuggingFaceHub hub, HubReference reference, HubFile file, string path, long missing)
    {
        Console.WriteLine($"From  {hub.Host}, {reference}");
        Console.WriteLine($"File  {file}");
        if (missing < file.Size)
            Console.WriteLine($"      of which {FileSize.Describe(missing)} are still to come");
        Console.WriteLine($"To    {TerminalChat.Printable(path)}");
    }

    private static bool Ask() => Terminal.CanAsk
        ? AnsiConsole.Confirm("Fetch it?", defaultValue: false)
        : throw new IOException("There is no terminal to ask on: --yes fetches without asking.");

    private static async Task<int> FetchAsync(ModelDownload download, string path)
    {
        using Termination end = new(withInterrupt: true);
        try
        {
            await (Console.IsOutputRedirected
                ? download.RunAsync(static _ => { }, end.Token)
                : PullProgress.ShowAsync(AnsiConsole.Console, download, end.Token));
        }
        catch (OperationCanceledException) when (end.ExitCode is { } code)
        {
            await Console.Error.WriteLineAsync($"Stopped. What has come is in {download.PartPath}; the same command goes on.");
            return code;
        }

        return Say($"Fetched. To chat with it: kvnorm chat --model {path}");
    }

    private static int Say(string sentence)
    {
        Console.WriteLine(TerminalChat.Printable(sentence));
        return 0;
    }
}
