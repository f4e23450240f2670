namespace KvNorm.Jinja;

/// <summary>loop.cycle and loop.changed.</summary>
internal static class LoopMethods
{
    public static JinjaFunction? Find(JinjaRun run, LoopState loop, string name) => name switch
    {
        "cycle" => new JinjaFunction("cycle", arguments => arguments.Required(loop.Index % Math.Max(1, arguments.Count))),
        "changed" => new JinjaFunction("changed", arguments => Changed(run, loop, new JinjaList(arguments.Items))),
        _ => null,
    };

    private static bool Changed(JinjaRun run, LoopState loop, JinjaList value)
    {
        bool changed = !ValueComparison.Equal(run, loop.LastSeen, value);
        loop.LastSeen = value;
        return changed;
    }
}
