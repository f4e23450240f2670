using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

/// <summary>Functions that count their runs. The model is too small to call them by itself: it is made to.</summary>
public sealed class Lamp
{
    public int Runs { get; private set; }

    public int Looks { get; private set; }

    [KernelFunction("set"), Description("Switches the lamp.")]
    public string Set([Description("Whether it shall be on.")] bool on, [Description("Whether it shall be bright.")] bool bright = false)
    {
        Runs++;
        return on ? bright ? "The lamp is on, and bright." : "The lamp is on." : "The lamp is off.";
    }

    [KernelFunction("look"), Description("Looks whether the lamp is on.")]
    public string Look()
    {
        Looks++;
        return "The lamp is off.";
    }

    [KernelFunction("break"), Description("Breaks the lamp.")]
    public static string Break() => throw new InvalidOperationException("It cannot be broken.");
}
