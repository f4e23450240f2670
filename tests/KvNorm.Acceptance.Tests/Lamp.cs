using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests;

/// <summary>A function that counts its runs, and options that make the model call it: the model is too small to do so by itself.</summary>
internal sealed class Lamp
{
    public const string FunctionName = "set_lamp";

    private int _runs;

    public Lamp() => Function = AIFunctionFactory.Create(Set, FunctionName, "Switches the lamp.");

    public AIFunction Function { get; }

    public int Runs => Volatile.Read(ref _runs);

    /// <summary>One tool call, forced in the first round; the round after it has no tools when the loop around ends there.</summary>
    public ChatOptions Forced(int tokens = 40) => new()
    {
        Temperature = 0,
        MaxOutputTokens = tokens,
        StopSequences = ["."], // of the text after it, one sentence will do
        Tools = [Function],
        ToolMode = ChatToolMode.RequireSpecific(FunctionName),
        AllowMultipleToolCalls = false,
    };

    private string Set(bool on = true)
    {
        Interlocked.Increment(ref _runs);
        return on ? "The lamp is on." : "The lamp is off.";
    }
}
