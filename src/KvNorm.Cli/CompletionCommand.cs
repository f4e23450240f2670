using System.CommandLine;

namespace KvNorm.Cli;

/// <summary>`kvnorm completion SHELL`: a script that has the shell complete command lines, and what that script asks.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _kvnorm() {
            local found word=${COMP_WORDS[COMP_CWORD]}
            found=$(kvnorm complete "$COMP_POINT" "$COMP_LINE" 2>/dev/null)
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$found" -- "$word"))
        }
        complete -o default -F _kvnorm kvnorm
        """;

    private const string Zsh = """
        #compdef kvnorm
        _kvnorm() {
            local line="${words[1,CURRENT]}"
            local -a found
            found=("${(@f)$(kvnorm complete "${#line}" "$line" 2>/dev/null)}")
            if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
        }
        compdef _kvnorm kvnorm
        """;

    private const string Fish = """
        function __kvnorm_words
            set -l line (commandline -cp | string trim --left)
            kvnorm complete (string length -- "$line") "$line" 2>/dev/null
        end
        complete -c kvnorm -a '(__kvnorm_words)'
        """;

    /// <summary>`kvnorm completion`.</summary>
    public static Command Create()
    {
        Argument<string> shell = new("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new(
            "completion",
            "Show a script for completion by the Tab key: source <(kvnorm completion bash), or kvnorm completion fish | source.")
        {
            shell,
        };
        command.SetAction(parsed => Console.WriteLine(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish }));
        return command;
    }

    /// <summary>What the scripts ask: the words that may stand at a position of a command line.</summary>
    /// <param name="root">The program's commands.</param>
    public static Command CreateComplete(Command root)
    {
        Argument<int> position = new("position");
        Argument<string> line = new("line");
        Command command = new("complete") { position, line };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            foreach (string word in Words(root, parsed.GetRequiredValue(line), parsed.GetValue(position)))
                Console.WriteLine(word);
        });
        return command;
    }

    /// <summary>The words that may stand at a position of a command line that begins with the name of the program.</summary>
    internal static IEnumerable<string> Words(Command root, string line, int position)
    {
        string typed = line[..Math.Clamp(position, 0, line.Length)];
        int start = typed.IndexOf(' ', StringComparison.Ordinal) + 1;
        if (start == 0)
            return [];
        string arguments = typed[start..];
        return root.Parse(arguments).GetCompletions(arguments.Length).Select(static item => item.InsertText ?? item.Label)
            .Where(static word => !word.StartsWith('/') && word is not ("-?" or "-h"));
    }
}
