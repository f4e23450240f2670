using System.Globalization;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Takes references and combinations apart: a schema becomes the alternatives that it is made of.</summary>
/// <param name="root">The whole schema, which references lead into.</param>
/// <param name="report">Told of what cannot be read, which then allows anything; null to throw.</param>
/// <param name="unsaid">Told of constraints that are lost where schemas are merged.</param>
internal sealed class SchemaReader(JsonElement root, Action<string>? report = null, Action<string>? unsaid = null)
{
    /// <summary>Values within values of a schema's text, and references through references.</summary>
    public const int Deepest = 128;

    private const int MostAlternatives = 512;
    private const int MostSteps = 50_000; // schemas looked at; schemas refer to each other, so this has no bound of its own
    private const long MostMerges = 500_000; // pairs of schemas, also those that allow nothing: half a second
    private const int MergedBytes = 64; // of the text of a pair, which take as long as a pair

    private static readonly string[] Choices = ["anyOf", "oneOf"];

    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal); // references being followed, by the conjunctions then
    private readonly Dictionary<string, List<Schema>> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal); // places that were told
    private int _steps, _circles;
    private int _conjunctions; // of which what is read is a part
    private long _merges;
    private bool _isSpent, _isTold; // that nothing more can be merged or read, which is told once

    public static ArgumentException TooDeep(string pointer) => SchemaError.At(pointer, $"is nested more than {Deepest} deep.");

    /// <summary>What a schema allows, alternative by alternative; empty when it allows nothing.</summary>
    public IReadOnlyList<Schema> Alternatives(JsonElement schema, string pointer) => Read(schema, pointer, 0);

    private List<Schema> Read(JsonElement schema, string pointer, int depth)
    {
        if (depth > Deepest)
            throw TooDeep(pointer);
        _isSpent |= ++_steps > MostSteps;
        if (_steps > MostSteps)
            throw SchemaError.At(pointer, $"takes more than {MostSteps} steps: its parts refer to each other too often.");
        return schema.ValueKind switch
        {
            JsonValueKind.True => [new Schema(pointer)],
            JsonValueKind.False => [],
            JsonValueKind.Object => ReadObject(schema, pointer, depth),
            _ => throw SchemaError.At(pointer, $"must be an object or a boolean, not {schema.ValueKind}."),
        };
    }

    private List<Schema> ReadObject(JsonElement schema, string pointer, int depth)
    {
        Schema own = Schema.Of(pointer, schema);
        List<Schema> alternatives = [report is null ? own : KeywordRepair.Repair(own, report)];
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            bool isAlone = own.Keywords.Count == 0 && !Schema.IsCombined(schema, but: "$ref");
            alternatives = With(alternatives, () => Follow(reference, SchemaError.Child(pointer, "$ref"), depth), pointer, !isAlone);
        }

        if (schema.TryGetProperty("allOf", out JsonElement all))
        {
            foreach ((JsonElement part, string place) in ReadOr([], () => Parts(all, SchemaError.Child(pointer, "allOf"))))
                alternatives = With(alternatives, () => Read(part, place, depth + 1), pointer, isConjunction: true);
        }

        foreach (string keyword in Choices)
        {
            if (!schema.TryGetProperty(keyword, out JsonElement any))
                continue;
            string place = SchemaError.Child(pointer, keyword);
            alternatives = With(
                alternatives,
                () => [.. Parts(any, place).SelectMany(part => Read(part.Part, part.Place, depth + 1))
                    .DistinctBy(static schema => schema.Key, StringComparer.Ordinal)],
                pointer);
        }

        return alternatives;
    }

    private List<Schema> With(List<Schema> alternatives, Func<List<Schema>> read, string pointer, bool isConjunction = false)
    {
        int conjunctions = _conjunctions;
        _conjunctions += isConjunction ? 1 : 0;
        List<Schema> merged = ReadOr(alternatives, () => Cross(alternatives, read(), pointer));
        _conjunctions = conjunctions;
        return merged;
    }

    // What cannot be read adds nothing where that is allowed.
    private T ReadOr<T>(T otherwise, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException e) when (report is not null)
        {
            if (!_isTold)
                report(e.Message);
            _isTold = _isSpent;
            return otherwise;
        }
    }

    // A reference back to itself without anything between adds nothing to a choice. Where all has to hold it asks for nothing new.
    private List<Schema> Follow(JsonElement reference, string pointer, int depth)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not ['#', .. string path])
            throw SchemaError.At(
                pointer, $"must be a reference into the same schema, such as \"#/$defs/name\", not {reference.GetRawText()}.");
        if (_known.TryGetValue(path, out List<Schema>? known))
            return known;
        if (!_open.TryAdd(path, _conjunctions))
        {
            _circles++;
            if (_open[path] == _conjunctions)
                return [];
            Lost(pointer);
            return [new Schema(pointer)];
        }

        try
        {
            int circles = _circles;
            List<Schema> alternatives = Read(Resolve(path, pointer), path, depth + 1);
            if (circles == _circles || _open.Count == 1)
                _known[path] = alternatives; // within a circle they would depend on where it was entered
            return alternatives;
        }
        finally
        {
            _open.Remove(path); // also when it cannot be read: it may be referred to again
        }
    }

    private JsonElement Resolve(string path, string pointer)
    {
        JsonElement target = root;
        foreach (string part in Uri.UnescapeDataString(path).Split('/').Skip(1))
        {
            string name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(name, out JsonElement member))
                target = member;
            else if (target.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < target.GetArrayLength())
                target = target[index];
            else
                throw SchemaError.At(pointer, $"refers to '#{path}', which is not there.");
        }

        return path.Length == 0 || path[0] == '/'
            ? target
            : throw SchemaError.At(pointer, $"refers to '#{path}', but only JSON pointers are followed.");
    }

    private static IEnumerable<(JsonElement Part, string Place)> Parts(JsonElement array, string pointer) =>
        array.ValueKind == JsonValueKind.Array && array.GetArrayLength() > 0
        ? array.EnumerateArray().Select((part, index) => (part, SchemaError.Child(pointer, index.ToString(CultureInfo.InvariantCulture))))
        : throw SchemaError.At(pointer, "must be an array of schemas that is not empty.");

    private List<Schema> Cross(List<Schema> left, List<Schema> right, string pointer)
    {
        long merges = ((long)left.Count * right.Count)
            + ((right.Count * left.Sum(static one => one.Bytes)) + (left.Count * right.Sum(static one => one.Bytes))) / MergedBytes;
        _isSpent |= _merges + merges > MostMerges;
        if (_isSpent)
            throw SchemaError.At(pointer, $"takes more than {MostMerges} merges of its parts.");
        _merges += merges;
        Dictionary<string, Schema> merged = new(StringComparer.Ordinal);
        foreach (Schema one in left)
        {
            foreach (Schema other in right)
            {
                if (SchemaMerge.Merge(one, other, keyword => Lost(SchemaError.Child(pointer, keyword))) is { } both)
                    merged.TryAdd(
                        both.Key, both.Pointer == other.Pointer || one.Keywords.Count > 0 ? both : both with { Pointer = other.Pointer });
                if (merged.Count > MostAlternatives)
                    throw SchemaError.At(pointer, $"has more than {MostAlternatives} alternatives.");
            }
        }

        return [.. merged.Values];
    }

    private void Lost(string place)
    {
        if (_lost.Add(place))
            unsaid?.Invoke(SchemaError.Unsaid(place));
    }
}
