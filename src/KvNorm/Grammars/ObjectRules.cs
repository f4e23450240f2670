using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>
/// Objects: the declared properties in their order, those that are not required left out at will, others behind them where they are
/// allowed.
/// </summary>
internal sealed class ObjectRules
{
    private const int MostProperties = 1000; // of an object; llama.cpp recurses through those that may be left out

    private readonly SchemaConverter _converter;
    private readonly Schema _schema;
    private readonly string _name, _space;
    private readonly List<Member> _members = [];
    private readonly List<string> _declared = [];
    private readonly List<string> _needs = [];
    private readonly string? _otherName; // the rule of names that are not declared, where the schema says what they are like
    private readonly string? _additional; // the rule of the value of a property that is not declared; null where there are none

    public ObjectRules(SchemaConverter converter, Schema schema, string name)
    {
        (_converter, _schema, _name) = (converter, schema, name);
        _space = JsonRules.Space(converter.Builder);
        JsonProperty[] properties = Properties();
        string[] required = Required();
        if (properties.Length + required.Length > MostProperties)
            throw SchemaError.At(_schema.Pointer, $"has more than {MostProperties} properties.");
        string place = SchemaError.Child(_schema.Pointer, "properties");
        foreach (JsonProperty property in properties)
            AddMember(property.Name, _converter.Rule(property.Value, SchemaError.Child(place, property.Name), property.Name), required);
        _additional = Additional(properties.Length > 0);
        if (_declared.Count == 0 && _schema["propertyNames"] is { } names)
            _otherName = _converter.Rule(Texts(names), SchemaError.Child(_schema.Pointer, "propertyNames"), _name + "-key");
        string? undeclared = _additional ?? (Builder.ClosedObjects && _schema["additionalProperties"] is null ? Builder.Json() : null);
        foreach (string other in required.Except(_declared, StringComparer.Ordinal))
            AddMember(other, undeclared, required);
    }

    /// <summary>Gets the rules that every object holds.</summary>
    public IReadOnlyList<string> Needs => _needs;

    private GrammarBuilder Builder => _converter.Builder;

    /// <summary>Lets those properties be left out that the schema does not require.</summary>
    /// <param name="which">Which of the rules of their values.</param>
    /// <returns>Whether there were any.</returns>
    public bool LeaveOut(Predicate<string> which)
    {
        List<Member> left = _members.FindAll(member => member is { IsRequired: true, IsDemanded: false } && which(member.Value));
        foreach (Member member in left)
        {
            member.IsRequired = false;
            _needs.Remove(member.Value);
        }

        return left.Count > 0;
    }

    public string Body()
    {
        if (_additional is null)
            return Compose(null);
        return _declared.Count == 0 && _otherName is null && _additional == Builder.Json()
            ? Builder.Object()
            : Compose(Builder.Define(
                _name + "-other", $"{_otherName ?? PropertyNames.Others(Builder, _declared)} \":\" {_space} {_additional}"));
    }

    private void AddMember(string name, string? value, string[] required)
    {
        _declared.Add(name);
        bool isDemanded = required.Contains(name, StringComparer.Ordinal);
        if (value is null)
        {
            if (isDemanded && !_converter.IsLenient)
                throw SchemaError.At(_schema.Pointer, $"requires the property '{name}', which it does not allow.");
            return;
        }

        string rule = Builder.Define(name, $"{Gbnf.Literal(JsonCharacters.Quote(name) + ":")} {_space} {value}");
        Member member = new(rule, value, isDemanded) { IsRequired = isDemanded || _converter.AllRequired };
        _members.Add(member);
        if (member.IsRequired)
            _needs.Add(value);
    }

    private string Compose(string? other)
    {
        string more = other is null ? "" : Builder.Define(_name + "-more", $"\",\" {_space} {other}") + "*";
        int firstRequired = _members.FindIndex(static member => member.IsRequired);
        int leading = firstRequired < 0 ? _members.Count : firstRequired;
        List<string> starts = [];
        string rest = string.Join(' ', _members.Skip(leading + 1).Select(Following).Append(more)).TrimEnd();
        for (int i = Math.Min(leading, _members.Count - 1); i >= 0; i--)
        {
            // What follows this one is said once for it and once for those before it that may be left out.
            if (leading > 0 && rest.Length > 0)
                rest = Builder.Define(_name + "-rest", rest);
            starts.Insert(0, $"{_members[i].Rule} {rest}".TrimEnd());
            rest = $"{Following(_members[i])} {rest}".TrimEnd();
        }

        if (firstRequired < 0 && other is not null)
            starts.Add($"{other} {more}");
        if (starts.Count == 0)
            return $"\"{{\" {_space} \"}}\"";
        string content = $"({string.Join(" | ", starts)})";
        return firstRequired < 0 ? $"\"{{\" {_space} ({content} {_space})? \"}}\"" : $"\"{{\" {_space} {content} {_space} \"}}\"";
    }

    private string Following(Member member) => member.IsRequired ? $"\",\" {_space} {member.Rule}" : $"(\",\" {_space} {member.Rule})?";

    // Names are texts whether or not the schema says so.
    private static JsonElement Texts(JsonElement names) =>
        JsonElement.Parse(
            $"{{\"allOf\":[{{\"type\":\"string\"}},{names.GetRawText()}]}}", new JsonDocumentOptions { MaxDepth = int.MaxValue });

    private JsonProperty[] Properties() => _schema["properties"] switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } properties =>
            [.. properties.EnumerateObject().Reverse().DistinctBy(static property => property.Name, StringComparer.Ordinal).Reverse()],
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

    private string? Additional(bool declaresProperties)
    {
        if (_schema["patternProperties"] is not null)
            return Builder.Json();
        if (_schema["additionalProperties"] is { } schema)
            return _converter.Rule(schema, SchemaError.Child(_schema.Pointer, "additionalProperties"), _name + "-value");
        return declaresProperties && Builder.ClosedObjects ? null : Builder.Json();
    }

    /// <summary>A property, by its rules.</summary>
    /// <param name="Rule">Name and value.</param>
    /// <param name="Value">The value alone.</param>
    /// <param name="IsDemanded">Whether the schema requires it.</param>
    private sealed record Member(string Rule, string Value, bool IsDemanded)
    {
        public bool IsRequired { get; set; }
    }
}
