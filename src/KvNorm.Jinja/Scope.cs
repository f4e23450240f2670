namespace KvNorm.Jinja;

/// <summary>The variables of a block, then those of the blocks around it.</summary>
internal sealed class Scope(Scope? parent)
{
    private Dictionary<string, object?>? _variables;

    public object? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._variables is { } variables && variables.TryGetValue(name, out object? value))
                return value;
        }

        return new Undefined(name);
    }

    public void Set(string name, object? value) => (_variables ??= new(StringComparer.Ordinal))[name] = value;

    private Scope? Parent => parent;
}
