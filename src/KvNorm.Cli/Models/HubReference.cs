namespace KvNorm.Cli.Models;

/// <summary>
/// What is to be fetched: OWNER/REPO or OWNER/REPO:FILE. The names become parts of a path and of an address, and stand on the terminal:
/// they have only characters that mean nothing to any of these.
/// </summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Repository">The repository's name.</param>
/// <param name="File">The path of a file in it; null where that is still to be chosen.</param>
internal sealed record HubReference(string Owner, string Repository, string? File)
{
    private const int MaximumName = 128; // characters; more than the hub allows, and less than a file system does
    private const string Marks = "._-+=@,()[] ";

    /// <summary>Reads it.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static HubReference Parse(string text)
    {
        string[] parts = text.Split(':', 2);
        if (parts[0].Split('/') is not [{ } owner, { } repository])
            throw new ArgumentException($"'{text}' is no OWNER/REPO or OWNER/REPO:FILE.");
        string? file = parts.Length > 1 ? parts[1] : null;
        if (!IsName(owner) || !IsName(repository) || (file is not null && !IsFile(file)))
            throw new ArgumentException(
                $"'{text}' has a name that cannot be. Names are made of A to Z, digits, spaces and {Marks.Trim()}, neither begin nor "
                + "end with a dot or a space, and that of the file ends with .gguf.");
        return new HubReference(owner, repository, file);
    }

    /// <summary>Whether a path in a repository is that of a model file, with names that are possible.</summary>
    public static bool IsFile(string path) =>
        path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && Array.TrueForAll(path.Split('/'), IsName);

    public override string ToString() => $"{Owner}/{Repository}";

    // Neither '.' nor '..', nothing hidden, and no ending that Windows would drop.
    private static bool IsName(string name) => name.Length is > 0 and <= MaximumName
        && name[0] is not ('.' or ' ') && name[^1] is not ('.' or ' ')
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || Marks.Contains(c, StringComparison.Ordinal));
}
