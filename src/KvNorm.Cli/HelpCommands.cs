using System.CommandLine;
using System.Reflection;

namespace KvNorm.Cli;

/// <summary>`kvnorm help` and `kvnorm version`, for those who try the words first.</summary>
internal static class HelpCommands
{
    /// <summary>`kvnorm help [COMMAND]`: as `kvnorm COMMAND --help`.</summary>
    /// <param name="root">The program's commands, among which this will be.</param>
    public static Command CreateHelp(Command root)
    {
        Argument<string[]> words = new("command") { Description = "The command.", Arity = ArgumentArity.ZeroOrMore };
        Command command = new("help", "Show the help of a command, as --help does.") { words };
        command.SetAction(parsed =>
        {
            string[] named = parsed.GetValue(words) ?? [];
            ParseResult asked = root.Parse(named);
            if (asked.UnmatchedTokens.Count == 0)
                return root.Parse([.. named, "--help"]).Invoke();
            CommandLineErrors.Show(asked, Console.Error);
            return 1;
        });
        return command;
    }

    /// <summary>`kvnorm version`: as `kvnorm --version`.</summary>
    public static Command CreateVersion()
    {
        Command command = new("version", "Show the version, as --version does.");
        command.SetAction(static _ => Console.WriteLine(
            typeof(HelpCommands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion));
        return command;
    }
}
