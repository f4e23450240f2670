using System.Globalization;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Arrays: first the items that have a schema of their own by their place, then the others.</summary>
internal sealed class ArrayRules
{
    private const int MostPlaces = 1000; // items with a schema of their own

    private readonly SchemaConverter _converter;
    private readonly Schema _schema;
    private readonly string _name, _space;
    private readonly List<string> _first = []; // the rules of the items with a schema of their own
    private readonly string? _other; // the rule of the items behind them; null where there are none
    private readonly int _least;
    private readonly int? _most;

    public ArrayRules(SchemaConverter converter, Schema schema, string name)
    {
        (_converter, _schema, _name) = (converter, schema, name);
        _space = JsonRules.Space(Builder);
        (_least, _most) = (schema.Count("minItems") ?? 0, schema.Count("maxItems"));
        (JsonElement? places, string placesKeyword, JsonElement? others, string othersKeyword) =
            schema["items"] is { ValueKind: JsonValueKind.Array } tuple
            ? (tuple, "items", schema["additionalItems"], "additionalItems")
            : (schema["prefixItems"], "prefixItems", schema["items"], "items");
        bool ended = AddFirst(places, SchemaError.Child(schema.Pointer, placesKeyword));
        if (!ended)
            _other = others is { } item
                ? converter.Rule(item, SchemaError.Child(schema.Pointer, othersKeyword), name + "-item")
                : Builder.Json();
        if (_other is null)
            _most = Math.Min(_most ?? int.MaxValue, _first.Count);
        if (_least > _most)
            throw SchemaError.At(schema.Pointer, $"wants at least {_least} items and allows at most {_most}.");
    }

    private GrammarBuilder Builder => _converter.Builder;

    /// <summary>Gets the rules that every array holds.</summary>
    public IReadOnlyList<string> Needs => _least > _first.Count && _other is not null ? [.. _first, _other] : _first[.._least];

    public string Body()
    {
        if (_most == 0)
            return $"\"[\" {_space} \"]\"";
        string items = _first.Count > 0 ? $"{_first[0]} {After(1)}" : $"{_other} {After(1)}";
        return _least == 0 ? $"\"[\" {_space} ({items} {_space})? \"]\"" : $"\"[\" {_space} {items} {_space} \"]\"";
    }

    // What may follow the first items, from the last place of its own to this one.
    private string After(int count)
    {
        int places = Math.Min(_first.Count, _most ?? int.MaxValue);
        int from = Math.Max(count, places);
        string after = "";
        if (_other is not null && (_most is null || _most > from))
            after = Builder.Repeat(Builder.Define(_name + "-more", $"\",\" {_space} {_other}"), Math.Max(0, _least - from), _most - from);
        for (int place = places - 1; place >= count; place--)
            after = Builder.Define(_name + "-rest", $"\",\" {_space} {_first[place]} {after}" + (place >= _least ? " | \"\"" : ""));
        return after;
    }

    // Whether there can be no items behind them.
    private bool AddFirst(JsonElement? places, string pointer)
    {
        if (places is null)
            return false;
        if (places is not { ValueKind: JsonValueKind.Array } schemas || schemas.GetArrayLength() > MostPlaces)
            throw SchemaError.At(pointer, $"must be an array of at most {MostPlaces} schemas.");
        foreach (JsonElement schema in schemas.EnumerateArray())
        {
            string place = _first.Count.ToString(CultureInfo.InvariantCulture);
            if (_converter.Rule(schema, SchemaError.Child(pointer, place), $"{_name}-{place}") is not { } rule)
                return true;
            _first.Add(rule);
        }

        return false;
    }
}
