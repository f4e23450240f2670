using System.Collections.Frozen;

namespace KvNorm.Jinja;

/// <summary>What a filter, a test or a method does with a value.</summary>
internal delegate object? BuiltinBody(JinjaRun run, object? target, Arguments arguments);

/// <summary>A filter, a test or a method.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Parameters">Its parameters' names, or null if it takes any arguments.</param>
/// <param name="Body">What it does.</param>
internal sealed record Builtin(string Id, string[]? Parameters, BuiltinBody Body)
{
    // Arguments are charged for each time: a filter may call another for every item of a list, and copy them.
    public object? Invoke(JinjaRun run, object? target, Arguments arguments)
    {
        run.Charge(arguments.Count + arguments.Named.Count);
        return Body(run, target, Parameters is null ? arguments : arguments.Bind(Parameters));
    }

    public static FrozenDictionary<string, Builtin> Table(params IEnumerable<Builtin> builtins) =>
        builtins.ToFrozenDictionary(builtin => builtin.Id, StringComparer.Ordinal);
}
