using System.Text;

namespace KvNorm.Cli;

/// <summary>A file of text that goes with a message.</summary>
/// <param name="Name">Its name, without the folder.</param>
/// <param name="Text">What it says.</param>
internal sealed record AttachedFile(string Name, string Text)
{
    private const int MaximumMebibytes = 16; // some millions of tokens
    private const int LeastFence = 3;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads one.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    /// <exception cref="InvalidDataException">It is no text, or too long.</exception>
    public static AttachedFile Read(string path) => new(Path.GetFileName(path), ReadText(path));

    /// <summary>Reads the text of a file.</summary>
    /// <inheritdoc cref="Read"/>
    public static string ReadText(string path)
    {
        string full = UserFolders.Expand(path);
        if (Directory.Exists(full))
            throw new InvalidDataException($"'{path}' is a folder; name a file.");
        byte[] bytes = new byte[(MaximumMebibytes << 20) + 1];
        int length;
        using (FileStream file = new(full, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
            length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false); // it may have no length, as a pipe
        if (length == bytes.Length)
            throw new InvalidDataException($"'{path}' has more than {MaximumMebibytes} MiB.");
        if (bytes.AsSpan(0, length).Contains((byte)0))
            throw new InvalidDataException($"'{path}' is no text.");
        try
        {
            return Utf8.GetString(bytes, 0, length).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"'{path}' is no text in UTF-8.", e);
        }
    }

    /// <summary>A message with the files that go with it, each between marks that are not in it.</summary>
    public static string Join(IEnumerable<AttachedFile> files, string message)
    {
        StringBuilder text = new();
        foreach (AttachedFile file in files)
        {
            string fence = new('`', Math.Max(LeastFence, LongestFence(file.Text) + 1));
            text.Append($"{file.Name}:\n{fence}\n{file.Text.TrimEnd('\n')}\n{fence}\n\n");
        }

        return text.Append(message).ToString();
    }

    private static int LongestFence(string text)
    {
        (int longest, int current) = (0, 0);
        foreach (char c in text)
            longest = Math.Max(longest, current = c == '`' ? current + 1 : 0);
        return longest;
    }
}
