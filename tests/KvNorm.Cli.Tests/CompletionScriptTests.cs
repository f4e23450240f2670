using KvNorm.Server.Tests.Clients;

namespace KvNorm.Cli.Tests;

/// <summary>The scripts of `kvnorm completion`, each in its own shell.</summary>
public sealed class CompletionScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kvnorm-shell-").FullName;

    // What is typed before the Tab key, and the word that it comes to.
    private (string Typed, string Found)[] Lines =>
    [
        ("kvnorm cha", "chat"),
        ("kvnorm serve --para", "--parallel"),
        ("kvnorm completion z", "zsh"),
        ($"kvnorm chat --model {_folder}/mod", $"{_folder}/model.gguf"),
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProgramFact("bash")]
    public async Task Bash_TabKey_Completes() => Assert.Equal(
        Lines[..3].Select(static line => line.Found), // files are completed by bash itself
        await RunAsync("bash", ["--norc", "-c", $$"""
            source <(kvnorm completion bash)
            for COMP_LINE in {{Quoted(Lines[..3])}}; do
                COMP_POINT=${#COMP_LINE} COMP_WORDS=($COMP_LINE) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
                _kvnorm
                printf '%s\n' "${COMPREPLY[@]}"
            done
            """]),
        StringComparer.Ordinal);

    [ProgramFact("fish")]
    public async Task Fish_TabKey_Completes() => Assert.Equal(
        Lines.Select(static line => line.Found),
        await RunAsync("fish", ["--no-config", "-c", $$"""
            kvnorm completion fish | source
            for line in {{Quoted(Lines)}}
                complete -C $line
            end
            """]),
        StringComparer.Ordinal);

    // zsh completes only where it believes to be on a terminal.
    [ProgramFact("zsh")]
    public async Task Zsh_TabKey_Completes() => Assert.Equal(
        Lines.Select(static line => line.Typed[..(line.Typed.LastIndexOf(' ') + 1)] + line.Found),
        await RunAsync("zsh", ["-f", "-c", $$"""
            zmodload zsh/zpty
            zpty shell 'TERM=dumb zsh -f -i'
            zpty -w shell 'PS1=""; autoload -Uz compinit && compinit -D -u; source <(kvnorm completion zsh); print LOAD''ED'
            zpty -r shell output '*LOADED*'
            for line in {{Quoted(Lines)}}; do
                zpty -w -n shell "$line"$'\t\x01'"print -r -- '<"$'\x05'">'"$'\n'
                zpty -r shell output $'*\n<kvnorm*>\r\n*'
                output=${output##*$'\n'<}
                print -r -- ${${output%%>*}%% }
            done
            zpty -d shell
            """]),
        StringComparer.Ordinal);

    private static string Quoted((string Typed, string Found)[] lines) => string.Join(' ', lines.Select(static line => $"'{line.Typed}'"));

    private async Task<string[]> RunAsync(string shell, string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "model.gguf"), "");
        KvNormProgram.Result result = await KvNormProgram.RunWithPathAsync(shell, arguments, _folder);
        Assert.Equal("", result.Error);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
