using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace KvNorm.Cli;

/// <summary>What is wrong with a command line, in a line or two.</summary>
internal static class CommandLineErrors
{
    /// <summary>Says it.</summary>
    /// <param name="parsed">The command line, with at least one error.</param>
    /// <param name="output">Where.</param>
    public static void Show(ParseResult parsed, TextWriter output)
    {
        output.WriteLine($"kvnorm: {TerminalChat.Printable(Sentence(parsed))}");
        output.WriteLine($"'{string.Join(' ', Path(parsed).Reverse())} --help' shows what there is.");
    }

    /// <summary>What is wrong first.</summary>
    internal static string Sentence(ParseResult parsed)
    {
        ParseError error = parsed.Errors[0];
        return parsed.UnmatchedTokens is [{ } unknown, ..] && error.SymbolResult is CommandResult command
            ? Unknown(unknown, command.Command)
            : error.SymbolResult switch
            {
                OptionResult { Tokens.Count: > 1, Option.Arity.MaximumNumberOfValues: 1 } option =>
                    $"{option.Option.Name} is given {option.Tokens.Count} times.",
                OptionResult { Tokens: [{ Value: { } number }] } option when TooLarge(option.Option.ValueType, number) =>
                    $"{option.Option.Name} takes {(number.StartsWith('-') ? "larger" : "smaller")} numbers than {number}.",
                OptionResult { Tokens: [{ } token, ..] } option when Kind(option.Option.ValueType) is { } kind =>
                    $"{option.Option.Name} takes {kind}; '{token.Value}' is none.",
                OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} needs a value.",
                _ => error.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal),
            };
    }

    private static IEnumerable<string> Path(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = command.Parent)
            yield return command.Command.Name;
    }

    private static string Unknown(string word, Command command)
    {
        bool isOption = word.StartsWith('-');
        IEnumerable<Symbol> known = isOption ? command.Options : command.Subcommands;
        string kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        string? near = NearestWord.Of(word, known.Where(static symbol => !symbol.Hidden).Select(static symbol => symbol.Name));
        return $"There is no {kind} '{word}'." + (near is null ? "" : $" Is it {near}?");
    }

    private static bool TooLarge(Type type, string number) =>
        (Nullable.GetUnderlyingType(type) ?? type) == typeof(int) && number.TrimStart('-') is { Length: > 0 } digits
            && digits.All(char.IsAsciiDigit) && !int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    // The parser would name the type of .NET.
    private static string? Kind(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(plain).Select(static name => name.ToLowerInvariant()))}";
        return Type.GetTypeCode(plain) switch
        {
            TypeCode.Int32 => "a whole number",
            TypeCode.Double or TypeCode.Single => "a number",
            _ => null,
        };
    }
}
