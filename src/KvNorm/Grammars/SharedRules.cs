using System.Runtime.InteropServices;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>
/// The rules of a grammar's schemas, so that equal parts of different schemas share one. A part that refers to definitions is only the same
/// where these are the same.
/// </summary>
internal sealed class SharedRules
{
    private readonly Dictionary<string, string> _rules = new(StringComparer.Ordinal); // by scope and the text of a schema
    private readonly Dictionary<string, int> _scopes = new(StringComparer.Ordinal); // by the text of the definitions

    /// <summary>The rule of a part; null when there is none yet.</summary>
    public string? Find(string key) => _rules.GetValueOrDefault(key);

    /// <summary>Adds the rules of a schema, all of which are complete.</summary>
    public void Add(IEnumerable<KeyValuePair<string, string>> rules)
    {
        foreach ((string key, string rule) in rules)
            _rules.TryAdd(key, rule);
    }

    /// <summary>What tells the references of a schema from those of other schemas: equal texts lead to equal parts.</summary>
    public int Scope(JsonElement root)
    {
        string text = Definitions(root);
        if (!_scopes.TryGetValue(text, out int scope))
            _scopes[text] = scope = _scopes.Count;
        return scope;
    }

    // Where every reference leads into the definitions these are enough, or else the whole schema.
    private static string Definitions(JsonElement root)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(root);
        int references = text.Count("\"$ref\""u8);
        bool isSimple = references == text.Count("\"#/$defs/"u8) + text.Count("\"#/definitions/"u8) && text.Count("\\u"u8) == 0;
        return !isSimple || root.ValueKind != JsonValueKind.Object ? root.GetRawText()
            : references == 0 ? "" : Raw("$defs") + Raw("definitions");

        string Raw(string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetRawText() : "";
    }
}
