using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Makes rules of one schema. Equal schemas share a rule, so schemas that contain themselves come to an end.</summary>
internal sealed class SchemaConverter(GrammarBuilder builder, JsonElement root)
{
    private readonly SchemaReader _reader = new(root);
    private readonly Dictionary<string, string> _rules = new(StringComparer.Ordinal); // by the text of a schema
    private readonly Queue<(string Name, Schema Schema)> _pending = [];

    public GrammarBuilder Builder => builder;

    /// <summary>Adds all rules of the schema and gives the name of its own.</summary>
    public string Convert(string nameHint)
    {
        string name = Rule(root, "", nameHint) ?? throw SchemaError.At("", "allows nothing.");
        while (_pending.TryDequeue(out (string Name, Schema Schema) next))
            builder.Complete(next.Name, Body(next.Schema, next.Name));
        return name;
    }

    /// <summary>The name of a part's rule; null when the part allows nothing.</summary>
    public string? Rule(JsonElement schema, string pointer, string nameHint)
    {
        IReadOnlyList<Schema> alternatives = _reader.Alternatives(schema, pointer);
        if (alternatives.Count == 0)
            return null;
        if (alternatives.Count == 1)
            return Rule(alternatives[0], nameHint);
        string[] names = [.. alternatives.Select(alternative => Rule(alternative, nameHint)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string body = string.Join(" | ", names);
        return names.Length == 1 ? body : _rules.TryGetValue(body, out string? known) ? known : _rules[body] = builder.Define(nameHint, body);
    }

    // The body comes later: it may need rules that need this one.
    private string Rule(Schema schema, string nameHint)
    {
        string key = schema.Key;
        if (key.Length == 0)
            return builder.Json();
        if (_rules.TryGetValue(key, out string? known))
            return known;
        string name = _rules[key] = builder.Reserve(nameHint);
        _pending.Enqueue((name, schema));
        return name;
    }

    private string Body(Schema schema, string name)
    {
        if (SchemaValues.Of(schema) is { } values)
        {
            return values.Count > 0
                ? string.Join(" | ", values.Select(value => SchemaValues.Text(builder, value)).Distinct(StringComparer.Ordinal))
                : throw SchemaError.At(schema.Pointer, "lists no value of its type.");
        }

        JsonTypes types = schema.Types;
        List<string> alternatives = [];
        if (types.HasFlag(JsonTypes.Object))
            alternatives.Add(ObjectRules.Body(this, schema, name));
        if (types.HasFlag(JsonTypes.Array))
            alternatives.Add(ArrayRules.Body(this, schema, name));
        if (types.HasFlag(JsonTypes.String))
            alternatives.Add(StringRules.Body(builder, schema));
        if (types.HasFlag(JsonTypes.Number))
            alternatives.Add(NumberRules.Number(builder, schema));
        else if (types.HasFlag(JsonTypes.Integer))
            alternatives.Add(NumberRules.Integer(builder, schema));
        if (types.HasFlag(JsonTypes.Boolean))
            alternatives.Add(JsonRules.Boolean(builder));
        if (types.HasFlag(JsonTypes.Null))
            alternatives.Add(JsonRules.Null(builder));
        return alternatives.Count > 0 ? string.Join(" | ", alternatives) : throw SchemaError.At(schema.Pointer, "names no type.");
    }
}
