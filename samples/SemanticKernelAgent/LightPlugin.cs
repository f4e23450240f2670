using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace SemanticKernelAgent;

/// <summary>Lamps that the model may switch.</summary>
internal sealed class LightPlugin
{
    private readonly Dictionary<string, bool> _lamps = new(StringComparer.OrdinalIgnoreCase) { ["kitchen"] = false, ["hall"] = true };

    [KernelFunction("list_lamps"), Description("Lists the lamps and whether they are on.")]
    public IReadOnlyDictionary<string, bool> List() => _lamps;

    [KernelFunction("switch_lamp"), Description("Switches a lamp.")]
    public string Switch([Description("The lamp's name.")] string name, [Description("True for on.")] bool on)
    {
        if (!_lamps.ContainsKey(name))
            return $"There is no lamp '{name}'.";
        _lamps[name] = on;
        return $"{name} is {(on ? "on" : "off")}.";
    }
}
