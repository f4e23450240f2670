using System.CommandLine;
using System.CommandLine.Help;
using KvNorm.Cli;
using KvNorm.Cli.Models;

InstalledBackend.Require();
if (StandardDescriptor.IsMissing(StandardDescriptor.Error))
    Console.SetError(TextWriter.Null);
Terminal.WritePlainWhereRedirected();

// Not a RootCommand, which would take the name of the assembly.
Command root = new("kvnorm", "A local chat model whose memory stays inside a budget, however long the conversation.")
{
    new HelpOption(),
    new VersionOption(),
    ChatCommand.Create(),
    ServeCommand.Create(),
    InfoCommand.Create(),
    ModelsCommand.Create(),
    PullCommand.Create(),
    EvalCommand.Create(),
    BenchCommand.Create(),
    BenchCommand.CreateBareLoop(),
};
root.Add(HelpCommands.CreateHelp(root));
root.Add(HelpCommands.CreateVersion());
root.Add(CompletionCommand.Create());
root.Add(CompletionCommand.CreateComplete(root));
try
{
    StandardOutput.Require();
    ParseResult parsed = args.Length == 0 ? root.Parse("--help") : UserSettings.Apply(root, args);
    if (parsed.Errors.Count > 0)
    {
        CommandLineErrors.Show(parsed, Console.Error);
        return 1;
    }

    // Ctrl+C is the chat's own: it stops an answer there, and ends the program anywhere else.
    return await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (OperationCanceledException)
{
    return 130; // as shells report a program ended by Ctrl+C
}
catch (Exception e) when (UserErrors.IsExpected(e))
{
    await Console.Error.WriteLineAsync($"kvnorm: {UserErrors.Sentence(e)}");
    return 1;
}
