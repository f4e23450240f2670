using Microsoft.Extensions.AI;

namespace DesktopAssistant;

/// <summary>
/// What a user says when nobody is there to say it. A model as small as the embedded one seldom calls by itself, so some turns make it.
/// </summary>
internal static class Script
{
    private static readonly (string Text, ChatToolMode Mode)[] Turns =
    [
        ("What time is it?", ChatToolMode.RequireSpecific("clock")),
        ("Tell me something about the sea.", ChatToolMode.Auto),
        ("Write down that the milk is out.", ChatToolMode.RequireSpecific("add_note")),
        ("What makes a good friend?", ChatToolMode.Auto),
        ("What is 12 times 7?", ChatToolMode.RequireSpecific("calculate")),
        ("What are my notes?", ChatToolMode.RequireSpecific("list_notes")),
        ("How is bread made?", ChatToolMode.Auto),
        ("Use any tool you like.", ChatToolMode.RequireAny),
    ];

    /// <summary>The turn of a number, counted from 0; they come round again.</summary>
    public static (string Text, ChatToolMode Mode) Turn(int number) => Turns[number % Turns.Length];
}
