namespace KvNorm.Server.Conversations;

/// <summary>A saved conversation in the configured folder, and never outside of it.</summary>
/// <param name="Name">Its name, which has been checked.</param>
/// <param name="Path">The file.</param>
internal sealed record ConversationFile(string Name, string Path)
{
    private const string Extension = ".kvnorm"; // also keeps a name from being one that Windows has for a device

    public static ConversationFile In(string folder, string name) => new(name, System.IO.Path.Combine(folder, name + Extension));
}
