using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Objects: the declared properties in their order, those that are not required left out at will, others behind them where they are allowed.</summary>
internal sealed class ObjectRules
{
    private const int MostProperties = 1000; // of an object; llama.cpp recurses through those that may be left out

    private readonly SchemaConverter _converter;
    private readonly Schema _schema;
    private readonly string _name, _space;
    private readonly List<(string Rule, bool Required)> _members = [];
    private readonly List<string> _declared = [];

    private ObjectRules(SchemaConverter converter, Schema schema, string name)
    {
        (_converter, _schema, _name) = (converter, schema, name);
        _space = JsonRules.Space(converter.Builder);
    }

    private GrammarBuilder Builder => _converter.Builder;

    public static string Body(SchemaConverter converter, Schema schema, string name) => new ObjectRules(converter, schema, name).Body();

    private string Body()
    {
        JsonProperty[] properties = Properties();
        string[] required = Required();
        if (properties.Length + required.Length > MostProperties)
            throw SchemaError.At(_schema.Pointer, $"has more than {MostProperties} properties.");
        foreach (JsonProperty property in properties)
            AddMember(property.Name, _converter.Rule(property.Value, SchemaError.Child(SchemaError.Child(_schema.Pointer, "properties"), property.Name), property.Name), required);
        string? additional = Additional(properties.Length > 0);
        foreach (string name in required.Except(_declared, StringComparer.Ordinal))
            AddMember(name, additional ?? (Builder.ClosedObjects && _schema["additionalProperties"] is null ? Builder.Json() : null), required);
        if (additional is null)
            return Compose(null);
        return _declared.Count == 0 && additional == Builder.Json()
            ? Builder.Object()
            : Compose(Builder.Define(_name + "-other", $"{PropertyNames.Others(Builder, _declared)} \":\" {_space} {additional}"));
    }

    private void AddMember(string name, string? value, string[] required)
    {
        _declared.Add(name);
        bool isRequired = required.Contains(name, StringComparer.Ordinal);
        if (value is not null)
            _members.Add((Builder.Define($"{_name}-{name}", $"{Gbnf.Literal(JsonCharacters.Quote(name) + ":")} {_space} {value}"), isRequired));
        else if (isRequired)
            throw SchemaError.At(_schema.Pointer, $"requires the property '{name}', which it does not allow.");
    }

    private string Compose(string? other)
    {
        string more = other is null ? "" : Builder.Define(_name + "-more", $"\",\" {_space} {other}") + "*";
        int firstRequired = _members.FindIndex(static member => member.Required);
        int leading = firstRequired < 0 ? _members.Count : firstRequired;
        List<string> starts = [];
        string rest = more;
        for (int i = _members.Count - 1; i >= 0; i--)
        {
            (string rule, bool required) = _members[i];
            if (i <= leading)
            {
                // What follows this one is said once for it and once for those before it that may be left out.
                if (leading > 0 && rest.Length > 0)
                    rest = Builder.Define(_name + "-rest", rest);
                starts.Insert(0, $"{rule} {rest}".TrimEnd());
            }

            rest = (required ? $"\",\" {_space} {rule} {rest}" : $"(\",\" {_space} {rule})? {rest}").TrimEnd();
        }

        if (firstRequired < 0 && other is not null)
            starts.Add($"{other} {more}");
        if (starts.Count == 0)
            return $"\"{{\" {_space} \"}}\"";
        string content = $"({string.Join(" | ", starts)})";
        return firstRequired < 0 ? $"\"{{\" {_space} ({content} {_space})? \"}}\"" : $"\"{{\" {_space} {content} {_space} \"}}\"";
    }

    private JsonProperty[] Properties() => _schema["properties"] switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } properties => [.. properties.EnumerateObject().Reverse().DistinctBy(static property => property.Name, StringComparer.Ordinal).Reverse()],
        _ => throw SchemaError.At(SchemaError.Child(_schema.Pointer, "properties"), "must be an object of schemas."),
    };

    // Draft 3 says "required": true inside the property; that is ignored, which allows more.
    private string[] Required() => _schema["required"] switch
    {
        null or { ValueKind: JsonValueKind.True or JsonValueKind.False } => [],
        { ValueKind: JsonValueKind.Array } names when names.EnumerateArray().All(static name => name.ValueKind == JsonValueKind.String) =>
            [.. names.EnumerateArray().Select(static name => name.GetString()!).Distinct(StringComparer.Ordinal)],
        _ => throw SchemaError.At(SchemaError.Child(_schema.Pointer, "required"), "must be an array of names."),
    };

    // The rule of the value of a property that is not declared; null where there are none.
    private string? Additional(bool declaresProperties)
    {
        if (_schema["patternProperties"] is not null)
            return Builder.Json();
        if (_schema["additionalProperties"] is { } schema)
            return _converter.Rule(schema, SchemaError.Child(_schema.Pointer, "additionalProperties"), _name + "-value");
        return declaresProperties && Builder.ClosedObjects ? null : Builder.Json();
    }
}
