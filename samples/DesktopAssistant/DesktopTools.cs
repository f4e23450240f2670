using System.ComponentModel;
using ModelContextProtocol.Server;

namespace DesktopAssistant;

/// <summary>The tools of the MCP server: a clock, notes and a calculator.</summary>
internal sealed class DesktopTools
{
    private const int NotesShown = 5;

    private readonly List<string> _notes = [];

    public IEnumerable<McpServerTool> All =>
    [
        McpServerTool.Create(Clock, new McpServerToolCreateOptions { Name = "clock" }),
        McpServerTool.Create(AddNote, new McpServerToolCreateOptions { Name = "add_note" }),
        McpServerTool.Create(ListNotes, new McpServerToolCreateOptions { Name = "list_notes" }),
        McpServerTool.Create(Calculate, new McpServerToolCreateOptions { Name = "calculate" }),
    ];

    [Description("Tells the date and time.")]
    private static string Clock() => $"{DateTimeOffset.Now:dddd, d MMMM yyyy, HH:mm}";

    [Description("Writes a note down.")]
    private string AddNote([Description("The note, a few words.")] string text)
    {
        lock (_notes)
        {
            _notes.Add(text);
            return $"Note {_notes.Count} is written.";
        }
    }

    [Description("Lists the latest notes.")]
    private string ListNotes()
    {
        lock (_notes)
            return _notes.Count == 0 ? "There are no notes." : string.Join("; ", _notes.TakeLast(NotesShown));
    }

    [Description("Calculates with two numbers.")]
    private static string Calculate(double a, [Description("One of + - * /")] string operation, double b) => operation switch
    {
        "+" => $"{a + b}",
        "-" => $"{a - b}",
        "*" => $"{a * b}",
        "/" when b != 0 => $"{a / b}",
        "/" => "A division by zero has no result.",
        _ => "The operation is one of + - * /",
    };
}
