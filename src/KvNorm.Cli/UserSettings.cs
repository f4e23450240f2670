using System.CommandLine;
using System.CommandLine.Parsing;

namespace KvNorm.Cli;

/// <summary>
/// What the user has set for good: where an option is not given on the command line, the variable KVNORM_ and its name holds, else the
/// configuration file, else the default. For chats and what runs them; measurements repeat what their command line says.
/// </summary>
internal static class UserSettings
{
    private const string Prefix = "KVNORM_";

    private static readonly string[] Commands = ["chat", "info", "serve"];

    private static readonly string[] OnlyGiven = ["--file", "--json", "--help", "--version"];

    private static readonly string[][] Exclusive = [["--budget", "--cells"], ["--system", "--system-file"]];

    /// <summary>Reads a command line with what the user has set.</summary>
    /// <exception cref="IOException">The configuration file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It, or a variable, says what cannot be.</exception>
    public static ParseResult Apply(Command root, string[] arguments) =>
        Apply(root, arguments, Environment.GetEnvironmentVariable, ConfigurationFile.Load);

    /// <summary>Reads a command line with what the user has set.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="variable">The value of a variable; null where there is none.</param>
    /// <param name="load">Loads the configuration file.</param>
    internal static ParseResult Apply(
        Command root, string[] arguments, Func<string, string?> variable, Func<ConfigurationFile> load)
    {
        ParseResult parsed = root.Parse(arguments);
        Command command = parsed.CommandResult.Command;
        if (parsed.Errors.Count > 0 || !Commands.Contains(command.Name, StringComparer.Ordinal) || parsed.Action != command.Action)
            return parsed;
        ConfigurationFile file = load();
        file.RequireKnown(root.Subcommands.Where(static one => Commands.Contains(one.Name)).SelectMany(Settable));
        Dictionary<string, (string Value, string Source)> set = new(StringComparer.Ordinal);
        HashSet<string> taken = [.. Settable(command).Where(option => IsGiven(parsed, option)).SelectMany(static one => Group(one.Name))];
        Add(Settable(command), option => variable(VariableOf(option)) is { Length: > 0 } value ? value : null, VariableOf);
        Add(Settable(command), option => file.Values.GetValueOrDefault(option.Name), _ => file.Path);
        return Require(root.Parse([.. arguments, .. set.SelectMany(static one => Arguments(one.Key, one.Value.Value))]));

        void Add(IEnumerable<Option> options, Func<Option, string?> value, Func<Option, string> source)
        {
            Option[] found = [.. options.Where(option => !taken.Contains(option.Name) && value(option) is not null)];
            foreach (Option option in found)
                set.Add(option.Name, (Plain(option, value(option)!, source(option)), source(option)));
            taken.UnionWith(found.SelectMany(static option => Group(option.Name)));
        }

        ParseResult Require(ParseResult whole) => whole.Errors is [{ SymbolResult: OptionResult { Option.Name: { } name } }, ..]
            && set.TryGetValue(name, out (string Value, string Source) from)
                ? throw new InvalidDataException($"{CommandLineErrors.Sentence(whole)} {from.Source} says so.")
                : whole;
    }

    // The parser takes what is empty for a value only where it stands by itself, and what begins with a dash only behind the equals sign.
    private static string[] Arguments(string option, string value) => value.Length == 0 ? [option, value] : [$"{option}={value}"];

    // Variables often say 1 for yes, which the parser would take for another argument.
    private static string Plain(Option option, string value, string source) => option.ValueType != typeof(bool) ? value
        : value switch
        {
            "1" => "true",
            "0" => "false",
            _ when bool.TryParse(value, out _) => value,
            _ => throw new InvalidDataException($"{option.Name} takes true or false, or 1 or 0; '{value}' is none. {source} says so."),
        };

    /// <summary>The variable of an option: KVNORM_MAX_TOKENS of --max-tokens.</summary>
    internal static string VariableOf(Option option) => Prefix + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static IEnumerable<Option> Settable(Command command) =>
        command.Options.Where(static option => !OnlyGiven.Contains(option.Name, StringComparer.Ordinal));

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    // One that excludes another sets aside also what was set for that at a lower level.
    private static string[] Group(string option) =>
        Array.Find(Exclusive, group => group.Contains(option, StringComparer.Ordinal)) ?? [option];
}
