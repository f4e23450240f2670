namespace KvNorm.Jinja;

/// <summary>The arguments of one call. After <see cref="Bind"/> they stand in the order of the function's parameters.</summary>
internal sealed class Arguments(JinjaRun run, string function, List<object?> items, Dictionary<JinjaString, object?>? named = null)
{
    // Stands where an argument was not given.
    private static readonly object Missing = new();

    public JinjaRun Run => run;

    public List<object?> Items => items;

    /// <summary>Gets the named arguments; after ** the names may be data.</summary>
    public IReadOnlyDictionary<JinjaString, object?> Named { get; } = named ?? [];

    public int Count => items.Count;

    /// <summary>Gets or sets the block a macro was called with, or null.</summary>
    public JinjaFunction? Caller { get; set; }

    /// <summary>Puts every argument where its parameter stands.</summary>
    public Arguments Bind(string[] parameters)
    {
        if (items.Count > parameters.Length)
            throw run.Fail($"'{function}' takes at most {parameters.Length} arguments, not {items.Count}");
        List<object?> bound = [.. items];
        while (bound.Count < parameters.Length)
            bound.Add(Missing);
        foreach ((JinjaString name, object? value) in Named)
        {
            int index = Array.IndexOf(parameters, name.Text);
            if (index < 0 || bound[index] != Missing)
                throw run.Fail($"'{function}' does not take the argument '{name}', or takes it once");
            bound[index] = value;
        }

        return new Arguments(run, function, bound);
    }

    public bool Has(int index) => index < items.Count && items[index] != Missing;

    public object? Get(int index, object? otherwise) => Has(index) ? items[index] : otherwise;

    public object? Required(int index) => Has(index) ? items[index] : throw run.Fail($"'{function}' needs an argument more");

    public JinjaString Text(int index) =>
        Required(index) as JinjaString ?? throw Wrong(index, "text");

    /// <summary>A text, or null where none or nothing was given.</summary>
    public JinjaString? OptionalText(int index) => Get(index, null) is null ? null : Text(index);

    public int Integer(int index, int otherwise) => Get(index, null) switch
    {
        null => otherwise,
        bool flag => flag ? 1 : 0,
        long number => (int)Math.Clamp(number, int.MinValue, int.MaxValue),
        _ => throw Wrong(index, "an integer"),
    };

    public bool Flag(int index, bool otherwise) => Has(index) ? Truth.Of(items[index]) : otherwise;

    private JinjaException Wrong(int index, string expected) =>
        run.Fail($"'{function}' needs {expected} as argument {index + 1}, not {TypeNames.Of(items[index])}");
}
