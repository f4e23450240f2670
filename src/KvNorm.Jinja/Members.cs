namespace KvNorm.Jinja;

/// <summary>The attributes and items of values by name.</summary>
internal static class Members
{
    /// <summary>x.name or x['name']: an item of a mapping, else an attribute or a method.</summary>
    public static object? Find(JinjaRun run, object? target, JinjaString name)
    {
        object? value;
        switch (target)
        {
            case JinjaDict dict when dict.TryGet(run, name, out value):
                return value;
            case JinjaNamespace names when names.TryGet(run, name.Text, out value):
                return value;
            case LoopState loop when loop.TryGet(name.Text, out value):
                return value;
            case LoopState loop when LoopMethods.Find(run, loop, name.Text) is { } method:
                return method;
            case JinjaFunction { Attribute: { } attribute }:
                return attribute(name.Text);
            case JinjaString or JinjaList when name.Text == "length":
                return FilterTable.Length(run, target);
            case Undefined undefined:
                throw run.Fail($"{undefined}, so it has no '{name.Text}'");
            default:
                return Method(target, name.Text) is { } builtin
                    ? new JinjaFunction(name.Text, arguments => builtin.Invoke(run, target, arguments))
                    : new Undefined(name.Text);
        }
    }

    /// <summary>A method of a text, a list or a mapping, or null.</summary>
    public static Builtin? Method(object? target, string name) => target switch
    {
        JinjaString => StringMethods.Table.GetValueOrDefault(name),
        JinjaList => ContainerMethods.OfLists.GetValueOrDefault(name),
        JinjaDict => ContainerMethods.OfDicts.GetValueOrDefault(name),
        _ => null,
    };
}
