namespace KvNorm.Cli;

/// <summary>
/// Where this program keeps what is the user's: as the XDG base directories say, or in the folders that Windows has for it.
/// </summary>
internal static class UserFolders
{
    private const string Name = "kvnorm";

    /// <summary>Gets the file of what was entered in chats; null where the user has no home.</summary>
    public static string? History => Under("XDG_STATE_HOME", ".local/state", "history");

    /// <summary>Gets the configuration file; null where the user has no home.</summary>
    public static string? Configuration => Under("XDG_CONFIG_HOME", ".config", "config.json");

    /// <summary>Gets the folder of models that were fetched; null where the user has no home.</summary>
    public static string? Models => Under("XDG_DATA_HOME", ".local/share", "models");

    /// <summary>A path as users write it in a chat, where no shell reads it: ~ is their home.</summary>
    public static string Expand(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;

    /// <summary>A path without the quotation marks that terminals and shells put around it.</summary>
    public static string Unquote(string path) =>
        path.Length > 1 && path[0] is '"' or '\'' && path[^1] == path[0] ? path[1..^1] : path;

    private static string? Under(string variable, string folder, string file)
    {
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Name, file);
        if (Environment.GetEnvironmentVariable(variable) is { } given && Path.IsPathRooted(given)) // a relative one counts as none
            return Path.Combine(given, Name, file);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? null : Path.Combine(home, folder, Name, file);
    }
}
