using System.Globalization;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Makes rules of one schema. Equal schemas share a rule, so schemas that contain themselves come to an end.</summary>
/// <param name="builder">Takes the rules.</param>
/// <param name="root">The schema.</param>
/// <param name="allRequired">Whether objects have all the properties they declare, where that comes to an end.</param>
/// <param name="report">Told of what cannot be read, which then allows anything; null to throw.</param>
/// <param name="unsaid">Told of constraints that a grammar cannot say; null for the same as <paramref name="report"/>.</param>
internal sealed class SchemaConverter(
    GrammarBuilder builder, JsonElement root, bool allRequired, Action<string>? report = null, Action<string>? unsaid = null)
{
    private readonly Action<string>? _unsaid = unsaid ?? report;
    private readonly SchemaReader _reader = new(root, report, unsaid ?? report);
    private readonly Dictionary<string, string> _rules = new(StringComparer.Ordinal); // by scope and text, as in SharedRules
    private string? _scope; // once it is needed
    private readonly Queue<(string Name, Schema Schema)> _pending = [];
    private readonly List<(string Name, Func<string> Body)> _bodies = [];
    private readonly RuleNeeds _needs = new();

    public GrammarBuilder Builder => builder;

    public bool AllRequired => allRequired;

    /// <summary>Gets whether what cannot be read allows anything.</summary>
    public bool IsLenient => report is not null;

    /// <summary>Adds all rules of the schema and gives the name of its own.</summary>
    public string Convert(string nameHint)
    {
        try
        {
            return SchemaDepth.IsTooDeep(root) ? OpenRoot(SchemaReader.TooDeep("")) : ConvertRoot(nameHint);
        }
        catch (InvalidOperationException e)
        {
            return OpenRoot(new ArgumentException("The JSON schema holds half a surrogate pair.", e));
        }
    }

    /// <summary>The name of a part's rule; null when the part allows nothing.</summary>
    public string? Rule(JsonElement schema, string pointer, string nameHint)
    {
        IReadOnlyList<Schema> alternatives;
        try
        {
            alternatives = _reader.Alternatives(schema, pointer);
        }
        catch (ArgumentException e) when (IsLenient)
        {
            return Open(e);
        }

        if (alternatives.Count == 0)
            return null;
        if (alternatives.Count == 1)
            return Rule(alternatives[0], nameHint);
        string[] names = [.. alternatives.Select(alternative => Rule(alternative, nameHint)).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
        if (names.Length == 1)
            return names[0];
        string union = builder.Define(nameHint, string.Join(" | ", names));
        foreach (string name in names)
            _needs.Add(union, [name]);
        return union;
    }

    // The body comes later: it may need rules that need this one.
    private string Rule(Schema schema, string nameHint)
    {
        string key = schema.Key;
        if (key.Length == 0)
            return builder.Json();
        key = Scoped(key);
        if ((_rules.GetValueOrDefault(key) ?? builder.SchemaRules.Find(key)) is { } known)
            return known;
        string name = _rules[key] = builder.Reserve(nameHint);
        _pending.Enqueue((name, schema));
        return name;
    }

    // A name may be spelled with escapes.
    private string Scoped(string key)
    {
        bool mayRefer = key.Contains("$ref", StringComparison.Ordinal) || key.Contains("\\u", StringComparison.Ordinal);
        if (mayRefer)
            _scope ??= builder.SchemaRules.Scope(root).ToString(CultureInfo.InvariantCulture);
        return $"{(mayRefer ? _scope : "")}{(allRequired ? "!" : "")} {key}";
    }

    private string ConvertRoot(string nameHint)
    {
        string name = Rule(root, "", nameHint) ?? Open(SchemaError.At("", "allows nothing."));
        while (_pending.TryDequeue(out (string Name, Schema Schema) next))
            _bodies.Add((next.Name, BodyOrAny(next.Schema, next.Name)));
        _needs.Settle();
        foreach ((string rule, Func<string> body) in _bodies)
            builder.Complete(rule, body());
        builder.SchemaRules.Add(_rules);
        TellUnsaid();
        return name;
    }

    private void TellUnsaid()
    {
        if (_unsaid is null)
            return;
        foreach (string place in builder.Unsaid.Find(root))
            _unsaid(SchemaError.Unsaid(place));
        if (builder.HasWidened)
            _unsaid("The JSON schema's lengths, with those before them, are more than a grammar repeats, so some have no bound.");
    }

    private string Open(ArgumentException problem)
    {
        if (report is null)
            throw problem;
        report(problem.Message);
        return builder.Json();
    }

    // An object stays an object: arguments are one.
    private string OpenRoot(ArgumentException problem)
    {
        string any = Open(problem);
        foreach (string rule in _rules.Values.Where(rule => !builder.IsComplete(rule)))
            builder.Complete(rule, any);
        bool isObject = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("type", out JsonElement type)
            && type.ValueKind == JsonValueKind.String && type.ValueEquals("object");
        return isObject ? builder.Object() : any;
    }

    private Func<string> BodyOrAny(Schema schema, string name)
    {
        try
        {
            return Body(schema, name);
        }
        catch (ArgumentException e) when (IsLenient)
        {
            string any = Open(e);
            return () => schema.Types == JsonTypes.Object ? builder.Object() : any;
        }
    }

    // The text comes last of all: which properties an object has to have is known when all rules are.
    private Func<string> Body(Schema schema, string name)
    {
        if (SchemaValues.Of(schema) is { } values)
        {
            string listed = values.Count > 0
                ? string.Join(" | ", values.Select(value => SchemaValues.Text(builder, value)).Distinct(StringComparer.Ordinal))
                : throw SchemaValues.Nothing(schema);
            return () => listed;
        }

        JsonTypes types = schema.Types;
        List<Func<string>> alternatives = [];
        if (types.HasFlag(JsonTypes.Object))
        {
            ObjectRules rules = new(this, schema, name);
            _needs.Add(name, rules);
            alternatives.Add(rules.Body);
        }

        if (types.HasFlag(JsonTypes.Array))
        {
            ArrayRules rules = new(this, schema, name);
            _needs.Add(name, rules.Needs);
            alternatives.Add(rules.Body);
        }

        if ((types & ~(JsonTypes.Object | JsonTypes.Array)) != JsonTypes.None)
        {
            string scalars = string.Join(" | ", Scalars(schema, types));
            _needs.Add(name, []);
            alternatives.Add(() => scalars);
        }

        return alternatives.Count > 0
            ? () => string.Join(" | ", alternatives.Select(static alternative => alternative()))
            : throw SchemaError.At(schema.Pointer, "names no type.");
    }

    private IEnumerable<string> Scalars(Schema schema, JsonTypes types)
    {
        if (types.HasFlag(JsonTypes.String))
            yield return StringRules.Body(builder, schema);
        if (types.HasFlag(JsonTypes.Number))
            yield return NumberRules.Number(builder, schema);
        else if (types.HasFlag(JsonTypes.Integer))
            yield return NumberRules.Integer(builder, schema);
        if (types.HasFlag(JsonTypes.Boolean))
            yield return JsonRules.Boolean(builder);
        if (types.HasFlag(JsonTypes.Null))
            yield return JsonRules.Null(builder);
    }
}
