using System.CommandLine;

namespace KvNorm.Cli.Models;

/// <summary>`kvnorm models`: the model files that are on this machine already.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "One JSON array." };
        Command command = new("models", "List the model files here: of this program, Hugging Face, llama.cpp and LM Studio.") { json };
        command.SetAction(parsed =>
        {
            IReadOnlyList<FoundModel> found = Find();
            if (parsed.GetValue(json))
                Console.WriteLine(Json.WriteIndented(found));
            else
                ModelsTable.Write(found, Console.Out);
        });
        return command;
    }

    private static IReadOnlyList<FoundModel> Find()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return
        [
            FoundModel.Read("embedded", new KvNormChatOptions().ModelPath),
            .. ModelPlace.Of(home, UserFolders.Models, Environment.GetEnvironmentVariable)
                .SelectMany(static place => place.Files().Select(path => FoundModel.Read(place.Name, path))),
        ];
    }
}
