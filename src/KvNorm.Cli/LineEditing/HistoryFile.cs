using System.Text.Json;

namespace KvNorm.Cli.LineEditing;

/// <summary>
/// What was entered in earlier runs: a JSON string a line, readable by the user alone. Several programs may add to it; whoever begins finds
/// what the others have added by then.
/// </summary>
/// <param name="path">The file; it and its folder need not be there.</param>
internal sealed class HistoryFile(string path)
{
    /// <summary>The maximum of entries that are kept.</summary>
    public const int MaximumEntries = 1000;

    private const int MaximumEntry = 16 << 10; // characters; a file that was pasted is not worth keeping
    private const long MaximumBytes = 16L << 20; // of what somebody else wrote there; well above what this program leaves

    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Reads the last entries, and leaves no more than those in the file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public History Load()
    {
        History history = new(MaximumEntries);
        if (!File.Exists(path))
            return history;
        if (new FileInfo(path).Length > MaximumBytes)
            throw new IOException($"The history '{path}' has more than {MaximumBytes >> 20} MiB; delete it.");
        string[] lines = File.ReadAllLines(path);
        foreach (string line in lines)
        {
            if (Parse(line) is { } entry)
                history.Add(entry);
        }

        if (lines.Length > 2 * MaximumEntries)
            Replace(history);
        return history;
    }

    /// <summary>Adds an entry.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Append(string entry)
    {
        if (entry.Length > MaximumEntry)
            return;
        using StreamWriter writer = new(Open(path, FileMode.Append));
        writer.Write(Json.Write(entry) + "\n");
    }

    private void Replace(History history)
    {
        string part = $"{path}.{Environment.ProcessId}.part";
        using (StreamWriter writer = new(Open(part, FileMode.Create)))
        {
            foreach (string entry in history.Entries)
                writer.Write(Json.Write(entry) + "\n");
        }

        File.Move(part, path, overwrite: true);
    }

    private static FileStream Open(string path, FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, OwnerFolder);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    // A line that another program has not written to its end, or that somebody changed, is no entry.
    private static string? Parse(string line)
    {
        try
        {
            return PastedText.Clean(Json.Read<string>(line));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
