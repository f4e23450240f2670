using Spectre.Console;
using Spectre.Console.Rendering;

namespace KvNorm.Cli.Models;

/// <summary>How much of a download has come, and how fast, in the units in which its size was announced: Spectre's MB are MiB.</summary>
internal sealed class FetchedColumn : ProgressColumn
{
    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        string speed = task.Speed is { } bytes ? $", {FileSize.Describe((long)bytes)}/s" : "";
        return new Text($"{FileSize.Describe((long)task.Value)} of {FileSize.Describe((long)task.MaxValue)}{speed}");
    }

    /// <inheritdoc/>
    protected override bool NoWrap => true;
}
