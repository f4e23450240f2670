using KvNorm.Cli.LineEditing;
using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests.LineEditing;

public sealed class HistoryFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "state", "kvnorm", "history");

    [Fact]
    public void Load_AfterAppends_FindsThemInOrder()
    {
        HistoryFile file = new(Path);
        Assert.Empty(file.Load().Entries);
        foreach (string entry in new[] { "one", "two\nlines \"quoted\"", "drei – 😀" })
            file.Append(entry);
        Assert.Equal(["one", "two\nlines \"quoted\"", "drei – 😀"], new HistoryFile(Path).Load().Entries);
    }

    [Fact]
    public void Append_NewFile_IsTheOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
            return; // it lies in a folder of the user there
        new HistoryFile(Path).Append("secret");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(System.IO.Path.GetDirectoryName(Path)!));
    }

    [Fact]
    public void Load_MoreThanTheMaximum_KeepsTheLastAndShortensTheFile()
    {
        new HistoryFile(Path).Append("0");
        File.AppendAllLines(Path, Enumerable.Range(1, 2500).Select(static i => $"\"{i}\""));
        IReadOnlyList<string> entries = new HistoryFile(Path).Load().Entries;
        Assert.Equal((HistoryFile.MaximumEntries, "1501", "2500"), (entries.Count, entries[0], entries[^1]));
        Assert.Equal(HistoryFile.MaximumEntries, File.ReadAllLines(Path).Length);
        Assert.Single(Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!));
    }

    [Fact]
    public void Load_LinesThatAreNoEntries_LeavesThemOut()
    {
        new HistoryFile(Path).Append("one");
        File.AppendAllText(Path, "no json\n{}\nnull\n\n\"half");
        Assert.Equal(["one"], new HistoryFile(Path).Load().Entries);
    }

    [Fact]
    public void Load_EntryThatSteersTheTerminal_DoesNotAnyMore()
    {
        new HistoryFile(Path).Append("one");
        File.AppendAllText(Path, "\"red \\u001b[31m\"\n");
        Assert.Equal(["one", "red [31m"], new HistoryFile(Path).Load().Entries);
    }

    [Fact]
    public void Append_HugePaste_IsNotKept()
    {
        new HistoryFile(Path).Append("one");
        new HistoryFile(Path).Append(new string('x', 100_000));
        Assert.Equal(["one"], new HistoryFile(Path).Load().Entries);
    }

    public void Dispose() => _folder.Dispose();
}
